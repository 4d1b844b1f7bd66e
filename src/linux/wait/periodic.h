// Work that is done again and again beside everything else, on a thread of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/time.h"

namespace holdfast::linux::wait {

class Periodic {
 public:
  /// Calls `work` every `period`, the first time after one, until the destructor, which waits for a call under way.
  /// The thread takes the signal mask of the one that makes it.
  Periodic(Duration period, std::function<void()> work);
  ~Periodic();
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

 private:
  void run();

  const Duration period_;
  const std::function<void()> work_;
  std::mutex lock_;
  std::condition_variable end_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace holdfast::linux::wait

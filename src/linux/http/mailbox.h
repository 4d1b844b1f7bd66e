// How other threads reach a loop that may be gone: what is delivered afterwards is dropped. Many letters at once wake
// the loop once.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "linux/http/event_loop.h"

namespace holdfast::linux::http {

class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  explicit Mailbox(EventLoop& loop) : loop_(&loop) {}
  /// From any thread; `letter` runs on the loop's.
  void deliver(std::function<void()> letter);
  /// The loop goes.
  void close();

 private:
  void open();
  std::mutex lock_;
  EventLoop* loop_;
  std::vector<std::function<void()>> letters_;
};

}  // namespace holdfast::linux::http

// One thread's event loop, and the only user of Asio. It says when a descriptor is ready and nothing more: who reads,
// writes or closes is somebody else. Everything but post() and stop() belongs to the thread that runs the loop.
#pragma once

#include <functional>
#include <memory>

#include "base/time.h"

namespace holdfast::linux::http {

enum class Readiness { Readable, Writable };

/// Is told that what it waited for has come. It is kept alive while it waits.
class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void on_ready() = 0;
};

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();

  /// Runs until stop().
  void run();
  void stop();
  /// Runs `work` on the loop's thread, soon; from any thread.
  void post(std::function<void()> work);
  /// Runs `work` on the loop's thread after `delay`; each call replaces the one before.
  void after(Duration delay, std::function<void()> work);

  /// A descriptor that the loop watches and owns.
  class Watch {
   public:
    Watch(EventLoop& loop, int descriptor);
    ~Watch();
    int number() const;
    /// One wait at a time; closing ends it without a call.
    void wait(Readiness readiness, std::shared_ptr<Waiter> waiter);
    void close();

   private:
    struct Held;
    std::unique_ptr<Held> held_;
  };

 private:
  struct Held;
  std::unique_ptr<Held> held_;
};

}  // namespace holdfast::linux::http

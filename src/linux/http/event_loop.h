// One thread's event loop over epoll. It says when a descriptor is ready and nothing more: who reads, writes or closes
// is somebody else. Everything but post() and stop() belongs to the thread that runs the loop. An interest stays
// registered until an event comes that nobody waits for, so that one request after another costs no call for it
// (docs/decisions/0012).
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "base/time.h"

namespace holdfast::linux::http {

enum class Readiness {
  Readable,
  Writable,
  Acceptable,  ///< readable, of a socket that other loops wait for too: not all of them are woken
};

/// Is told that what it waited for has come, unless it has gone meanwhile.
class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void on_ready() = 0;
};

class EventLoop {
 public:
  /// Throws std::system_error where the system has no descriptor for it.
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
    /// One wait at a time; closing ends it without a call. False where the system has no memory to watch it.
    [[nodiscard]] bool wait(Readiness readiness, std::weak_ptr<Waiter> waiter);
    /// Until the next wait() the loop is not woken for it.
    void rest();
    void close();

   private:
    friend class EventLoop;
    struct Held;
    std::unique_ptr<Held> held_;
  };

 private:
  struct Held;
  std::unique_ptr<Held> held_;
};

}  // namespace holdfast::linux::http

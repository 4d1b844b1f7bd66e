#include "linux/http/event_loop.h"

#include <unistd.h>

// Fences order what several threads of one loop do; a loop here has one thread, posts to it are ordered by its lock,
// and the thread sanitizer does not know fences.
#define BOOST_ASIO_DISABLE_FENCED_BLOCK
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace holdfast::linux::http {

namespace asio = boost::asio;
using Failure = boost::system::error_code;
using Executor = asio::io_context::executor_type;  // by its own type, which costs less than the type-erased default
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

struct EventLoop::Held {
  asio::io_context io{1};  // one thread runs it
  asio::executor_work_guard<Executor> busy{io.get_executor()};
  Timer timer{io};
};

struct EventLoop::Watch::Held {
  explicit Held(asio::io_context& io) : descriptor(io) {}
  Descriptor descriptor;
};

EventLoop::EventLoop() : held_(std::make_unique<Held>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::run() { held_->io.run(); }

void EventLoop::stop() { held_->io.stop(); }

void EventLoop::post(std::function<void()> work) { asio::post(held_->io, std::move(work)); }

void EventLoop::after(Duration delay, std::function<void()> work) {
  held_->timer.expires_after(delay);
  held_->timer.async_wait([work = std::move(work)](const Failure& failure) {
    if (!failure) work();
  });
}

EventLoop::Watch::Watch(EventLoop& loop, int descriptor) : held_(std::make_unique<Held>(loop.held_->io)) {
  Failure failure;
  // Never ready, where that fails; whoever waits has a deadline.
  if (held_->descriptor.assign(descriptor, failure)) ::close(descriptor);
}
EventLoop::Watch::~Watch() = default;

int EventLoop::Watch::number() const { return const_cast<Held&>(*held_).descriptor.native_handle(); }

void EventLoop::Watch::wait(Readiness readiness, std::shared_ptr<Waiter> waiter) {
  const auto kind = readiness == Readiness::Readable ? asio::posix::descriptor_base::wait_read
                                                     : asio::posix::descriptor_base::wait_write;
  held_->descriptor.async_wait(kind, [waiter = std::move(waiter)](const Failure& failure) {
    if (!failure) waiter->on_ready();
  });
}

void EventLoop::Watch::close() {
  Failure failure;
  [[maybe_unused]] const Failure ignored = held_->descriptor.close(failure);
}

}  // namespace holdfast::linux::http

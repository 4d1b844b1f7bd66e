#include "linux/http/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

#include "linux/system/descriptor.h"

namespace holdfast::linux::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kEventsAtOnce = 128;
constexpr std::uint32_t kNothing = 0;

std::uint32_t events_of(Readiness readiness) {
  switch (readiness) {
    case Readiness::Readable: return EPOLLIN;
    case Readiness::Writable: return EPOLLOUT;
    case Readiness::Acceptable: return EPOLLIN | EPOLLEXCLUSIVE;
  }
  return kNothing;
}

system::Descriptor made(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return system::Descriptor(descriptor);
}

}  // namespace

struct EventLoop::Watch::Held {
  EventLoop::Held& loop;
  int descriptor;
  std::uint32_t registered = kNothing;
  std::weak_ptr<Waiter> waiter = {};

  bool set(std::uint32_t events);
  bool is_acceptable() const { return (registered & EPOLLEXCLUSIVE) != 0; }
  void on_event();
};

struct EventLoop::Held {
  system::Descriptor epoll = made(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  system::Descriptor wakeup = made(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  std::atomic<bool> stopping = false;
  std::vector<std::unique_ptr<Watch::Held>> gone;  ///< kept until no event of the batch can name them
  std::mutex lock;
  std::vector<std::function<void()>> posted;  ///< under the lock; what it holds may have watches
  std::optional<Clock::time_point> due;
  std::function<void()> timed;

  void wake() const;
  int wait_ms() const;
  void hear_wakeup() const;
  void run_posted();
  void run_timed();
};

/// The system knows a descriptor from its first interest to the first event that nobody waits for.
bool EventLoop::Watch::Held::set(std::uint32_t events) {
  if (descriptor < 0 || events == registered) return true;
  epoll_event event{};
  event.events = events;
  event.data.ptr = this;
  const int change = events == kNothing ? EPOLL_CTL_DEL : registered == kNothing ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (::epoll_ctl(loop.epoll.number(), change, descriptor, &event) != 0) return false;
  registered = events;
  return true;
}

void EventLoop::Watch::Held::on_event() {
  const auto told = std::exchange(waiter, {}).lock();
  if (told) return told->on_ready();
  set(kNothing);
}

EventLoop::EventLoop() : held_(std::make_unique<Held>()) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(held_->epoll.number(), EPOLL_CTL_ADD, held_->wakeup.number(), &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

EventLoop::~EventLoop() = default;

/// Connections are accepted first: nobody else was told of them, and what else is ready may take its time.
void EventLoop::run() {
  std::array<epoll_event, kEventsAtOnce> room;
  const auto watch_of = [](const epoll_event& event) { return static_cast<Watch::Held*>(event.data.ptr); };
  while (!held_->stopping) {
    const int count = ::epoll_wait(held_->epoll.number(), room.data(), kEventsAtOnce, held_->wait_ms());
    const auto events = std::span(room).first(static_cast<std::size_t>(std::max(count, 0)));
    std::ranges::partition(events, [&](const epoll_event& event) {
      const auto* watch = watch_of(event);
      return watch != nullptr && watch->is_acceptable();
    });
    for (const epoll_event& event : events) {
      if (held_->stopping) break;
      auto* watch = watch_of(event);
      watch != nullptr ? watch->on_event() : held_->hear_wakeup();
    }
    if (!held_->stopping) held_->run_posted();
    if (!held_->stopping) held_->run_timed();
    held_->gone.clear();
  }
}

void EventLoop::stop() {
  held_->stopping = true;
  held_->wake();
}

void EventLoop::post(std::function<void()> work) {
  const std::lock_guard hold(held_->lock);
  held_->posted.push_back(std::move(work));
  if (held_->posted.size() == 1) held_->wake();
}

void EventLoop::after(Duration delay, std::function<void()> work) {
  held_->due = Clock::now() + delay;
  held_->timed = std::move(work);
}

/// A full counter has woken the loop already.
void EventLoop::Held::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wakeup.number(), &one, sizeof one);
}

/// Before what was posted is taken: what is posted from now on wakes again.
void EventLoop::Held::hear_wakeup() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(wakeup.number(), &count, sizeof count);
}

int EventLoop::Held::wait_ms() const {
  if (!due) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void EventLoop::Held::run_posted() {
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard hold(lock);
    work.swap(posted);
  }
  for (const auto& one : work) one();
}

void EventLoop::Held::run_timed() {
  if (!due || Clock::now() < *due) return;
  due.reset();
  std::exchange(timed, nullptr)();
}

EventLoop::Watch::Watch(EventLoop& loop, int descriptor)
    : held_(new Held{.loop = *loop.held_, .descriptor = descriptor}) {}

EventLoop::Watch::~Watch() {
  close();
  auto& gone = held_->loop.gone;
  gone.push_back(std::move(held_));
}

int EventLoop::Watch::number() const { return held_->descriptor; }

bool EventLoop::Watch::wait(Readiness readiness, std::weak_ptr<Waiter> waiter) {
  held_->waiter = std::move(waiter);
  return held_->set(events_of(readiness));
}

void EventLoop::Watch::rest() {
  held_->waiter.reset();
  held_->set(kNothing);
}

/// The system would forget it with the last descriptor of the same socket, which another process or loop may have.
void EventLoop::Watch::close() {
  rest();
  if (held_->descriptor >= 0) ::close(std::exchange(held_->descriptor, -1));
}

}  // namespace holdfast::linux::http

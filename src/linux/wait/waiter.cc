#include "linux/wait/waiter.h"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/text.h"

namespace holdfast::linux::wait {
namespace {

std::unexpected<Error> failed(std::string_view what) {
  return fail(Next::Retry, kWaitFailed, cat("expected ", what, " to work, saw: ", std::strerror(errno)));
}

system::Descriptor watch_folder(const std::filesystem::path& watched) {
  if (watched.empty()) return system::Descriptor();
  system::Descriptor changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  const std::filesystem::path folder = watched.has_parent_path() ? watched.parent_path() : ".";
  const bool is_watching =
      changes.is_open() && ::inotify_add_watch(changes.number(), folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO) >= 0;
  return is_watching ? std::move(changes) : system::Descriptor();
}

}  // namespace

Result<Waiter> Waiter::make(const std::filesystem::path& watched) {
  sigset_t taken;
  ::sigemptyset(&taken);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD}) ::sigaddset(&taken, signal);
  if (::sigprocmask(SIG_BLOCK, &taken, nullptr) != 0) return failed("sigprocmask");
  system::Descriptor signals(::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.is_open()) return failed("signalfd");
  system::Descriptor timer(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer.is_open()) return failed("timerfd_create");
  return Waiter(std::move(signals), std::move(timer), watch_folder(watched), watched.filename().string());
}

/// Whether one of the folder's changes was the file's.
bool Waiter::take_change() {
  alignas(inotify_event) std::array<char, 4096> buffer{};
  bool is_ours = false;
  while (true) {
    const ssize_t size = ::read(changes_.number(), buffer.data(), buffer.size());
    if (size <= 0) return is_ours;
    for (ssize_t at = 0; at < size;) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      is_ours = is_ours || (event.len > 0 && file_name_ == buffer.data() + at + sizeof event);
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
  }
}

Result<Woken> Waiter::wait(Instant until) {
  // A timer of zero would be switched off.
  const std::int64_t ms = std::max<std::int64_t>(until.ms, 1);
  itimerspec at{};
  at.it_value.tv_sec = static_cast<time_t>(ms / 1000);
  at.it_value.tv_nsec = static_cast<long>(ms % 1000) * 1'000'000;
  if (::timerfd_settime(timer_.number(), TFD_TIMER_ABSTIME, &at, nullptr) != 0) return failed("timerfd_settime");
  while (true) {
    std::array<pollfd, 3> waiting = {{{.fd = signals_.number(), .events = POLLIN, .revents = 0},
                                      {.fd = timer_.number(), .events = POLLIN, .revents = 0},
                                      {.fd = changes_.number(), .events = POLLIN, .revents = 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return failed("poll");
    signalfd_siginfo signal{};
    if (::read(signals_.number(), &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
      if (signal.ssi_signo == SIGCHLD) return Woken::Child;
      if (signal.ssi_signo == SIGUSR1) return Woken::Retry;
      return signal.ssi_signo == SIGHUP ? Woken::LookAgain : Woken::End;
    }
    if (changes_.is_open() && take_change()) return Woken::LookAgain;
    if ((waiting[1].revents & POLLIN) != 0) return Woken::TimeUp;
  }
}

}  // namespace holdfast::linux::wait

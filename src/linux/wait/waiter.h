// Sleeping without missing anything: until an instant (also one that passed while the machine was asleep), a signal to
// end or to look again, or a change of one file. Takes SIGTERM, SIGINT, SIGHUP, SIGUSR1 and SIGCHLD for the whole
// process; they arrive here and nowhere else, so that they never cut a call in half.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "base/time.h"
#include "linux/system/descriptor.h"

namespace holdfast::linux::wait {

inline constexpr Reason kWaitFailed{"wait-failed"};

enum class Woken {
  TimeUp,
  LookAgain,  ///< SIGHUP, or the watched file is new
  Retry,      ///< SIGUSR1: what the world refused may work now
  Child,      ///< one of ours has ended
  End,        ///< SIGTERM or SIGINT
};

class Waiter {
 public:
  /// `watched` may be empty. A file whose folder does not exist is not watched.
  static Result<Waiter> make(const std::filesystem::path& watched);

  /// `until` is an instant of linux::system::SystemClock.
  Result<Woken> wait(Instant until);

 private:
  Waiter(system::Descriptor signals, system::Descriptor timer, system::Descriptor changes, std::string file_name)
      : signals_(std::move(signals)),
        timer_(std::move(timer)),
        changes_(std::move(changes)),
        file_name_(std::move(file_name)) {}
  bool take_change();

  system::Descriptor signals_;
  system::Descriptor timer_;
  system::Descriptor changes_;
  std::string file_name_;
};

}  // namespace holdfast::linux::wait

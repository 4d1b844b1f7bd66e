// Keeps a device running once it has begun: starts what is to run, feeds the hardware's watchdog for as long as the
// agent is alive, answers at the agent's door, reaps, and boots the device when only that helps.
#pragma once

#include <optional>

#include "linux/door/door_keeper.h"
#include "linux/system/clock.h"
#include "programs/holdfast_init/begin.h"
#include "programs/holdfast_init/processes.h"

namespace holdfast::programs::init {

/// An agent that has said nothing for so long is started anew: one step of it may wait a minute for each of its
/// services.
inline constexpr Duration kSilenceMax = minutes(15);

class Keeper final : private linux::door::System {
 public:
  explicit Keeper(Begun begun);
  /// Why the device is to boot.
  std::string keep();

 private:
  Duration until_next();
  void start_due();
  void start(Process& process);
  void end_silent();
  void answer();
  void tell_network();
  /// Says why the device is to boot, if it is.
  std::optional<std::string> reap();
  std::optional<std::string> look_at(Process& process, int status);
  Result<void> erase() override;
  Result<void> follow_network(Bytes settings) override;
  Result<void> end_reset() override;
  void start_time(Process& process);
  void end(Process& process);
  Process* process_named(std::string_view name);

  linux::system::SystemClock clock_;
  Begun begun_;
  linux::system::Descriptor ended_;
  linux::system::Descriptor door_;
  linux::system::Descriptor network_;  ///< what changes in its folder
  linux::door::DoorKeeper door_keeper_;
  Instant heard_;
  std::vector<Process> processes_;
  std::string why_boot_;  ///< of what was asked for; empty: nothing was
};

}  // namespace holdfast::programs::init

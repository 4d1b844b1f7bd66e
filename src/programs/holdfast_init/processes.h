// What runs on a device beside the first process, and what each may do: docs/os.md is this table for people.
#pragma once

#include "linux/init/control_group.h"
#include "linux/init/launch.h"
#include "linux/init/supervision.h"

namespace holdfast::programs::init {

// Whom processes run as; os/root.py gives them their names.
inline constexpr unsigned kAgentUser = 100;
inline constexpr unsigned kNetworkUser = 101;
inline constexpr unsigned kTimeUser = 102;
inline constexpr unsigned kCrashUser = 103;
inline constexpr unsigned kTpmGroup = 110;

struct Process {
  linux::init::Supervised supervised;
  linux::init::Launch launch;
  linux::init::Limits limits;
  bool has_door = false;               ///< to the first process
  std::optional<Duration> every = {};  ///< it does its work and ends, and is to do it again
  bool has_done = false;               ///< its work, in this boot
  int pid = -1;
  std::optional<Instant> started = {};  ///< last
  bool was_silent = false;              ///< and was killed for it
};
inline constexpr std::string_view kNetworkProcess{"network"};
inline constexpr std::string_view kAgentProcess{"agent"};
inline constexpr std::string_view kTimeProcess{"time"};
/// Of the agent, in a boot that resets.
inline constexpr std::string_view kResetWord{"--reset"};
/// `has_data`: the sealed storage is open. `is_reset`: the agent has something to forget.
std::vector<Process> processes(bool has_data, bool is_reset);
/// Of what sets the clock by this server.
std::vector<std::string> time_arguments(const std::string& server);

}  // namespace holdfast::programs::init

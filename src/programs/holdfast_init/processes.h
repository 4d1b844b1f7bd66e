// What runs on a device beside the first process, and what each may do: docs/os.md is this table for people.
#pragma once

#include "linux/init/control_group.h"
#include "linux/init/launch.h"
#include "linux/init/supervision.h"

namespace holdfast::programs::init {

// Whom processes run as; os/root.py gives them their names.
inline constexpr unsigned kAgentUser = 100;
inline constexpr unsigned kNetworkUser = 101;
inline constexpr unsigned kTpmGroup = 110;

struct Process {
  linux::init::Supervised supervised;
  linux::init::Launch launch;
  linux::init::Limits limits;
  bool has_door = false;  ///< to the first process
  int pid = -1;
  bool was_silent = false;  ///< and was killed for it
};
/// `has_data`: the sealed storage is open.
std::vector<Process> processes(bool has_data);

}  // namespace holdfast::programs::init

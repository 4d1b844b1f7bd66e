// Starts a process with nothing but what it is given: a user, capabilities, an environment, descriptors, files and
// calls within its reach; no privilege that it could gain later (PR_SET_NO_NEW_PRIVS), no core file, a session of its
// own.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "linux/confine/confine.h"

namespace holdfast::linux::init {

inline constexpr Reason kLaunchFailed{"launch-failed"};

struct Launch {
  std::string program;
  std::vector<std::string> arguments = {};
  std::vector<std::string> environment = {};  ///< NAME=value
  unsigned user = 0;
  unsigned group = 0;
  std::vector<unsigned> groups = {};
  std::vector<int> capabilities = {};       ///< CAP_…; ambient, and all that it can ever have
  int door = -1;                            ///< becomes its descriptor 3
  std::string control_group = {};           ///< its folder; empty: that of who starts it
  std::vector<confine::Reach> within = {};  ///< what it reaches of files
  std::span<const int> calls = {};          ///< what it calls; none: what confine_calls() leaves everybody
};

/// The process runs, or is about to fail to: its exit says so (kExitNotStarted).
Result<int> launch(const Launch& what);
inline constexpr int kExitNotStarted = 126;

}  // namespace holdfast::linux::init

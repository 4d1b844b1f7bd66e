// How much of the machine a process and all that it starts may have: a control group (cgroup v2) for each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace holdfast::linux::init {

inline constexpr Reason kControlGroupFailed{"control-group-failed"};

struct Limits {
  std::int64_t memory_bytes = 0;  ///< what it holds and what of files is kept for it; beyond, it is killed
  int processes = 0;
};

/// The folder of the group `name` below `root`, made where there is none.
Result<std::filesystem::path> make_control_group(const std::string& name, const Limits& limits,
                                                 const std::filesystem::path& root = "/sys/fs/cgroup");

}  // namespace holdfast::linux::init

// What the first process mounts before anything else: where the kernel shows itself, and memory for what a boot leaves.
// Nothing that is mounted here can be executed from, or has devices or set-user-id programs, but for /dev.
#pragma once

#include <span>
#include <string>

#include "base/result.h"

namespace holdfast::linux::init {

inline constexpr Reason kMountFailed{"mount-failed"};

struct Mount {
  std::string what;
  std::string where;
  std::string type;
  unsigned long flags = 0;
  std::string options = {};
  bool may_be_missing = false;  ///< of a kernel or a firmware that does not have it
};

std::span<const Mount> system_mounts();
/// In their order; folders in memory are made.
Result<void> mount_all(std::span<const Mount> mounts);
/// A disk of ours, with nothing in it that could be executed. Corrupt where there is no file system, or a damaged one.
Result<void> mount_data(const std::string& device, const std::string& where);

}  // namespace holdfast::linux::init

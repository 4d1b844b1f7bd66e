// The partitions of the disk by their names in its table, as the kernel tells them (/sys/class/block/*/uevent).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace holdfast::linux::init {

inline constexpr Reason kPartitionMissing{"partition-missing"};

/// Its device, such as /dev/vda3. Where two have the name, none has it: somebody put a disk in.
Result<std::string> partition_named(std::string_view name, const std::filesystem::path& blocks = "/sys/class/block");

}  // namespace holdfast::linux::init

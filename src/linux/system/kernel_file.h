// Files that the kernel makes as they are read (proc(5), sysfs(5)): they have no size of their own, and a reader takes
// what comes.
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::linux::system {

inline constexpr Reason kKernelFileFailed{"kernel-file-failed"};

/// Its first `bytes_max` bytes; also of a device.
Result<Blob> read_kernel_file(const std::filesystem::path& file, std::size_t bytes_max);

}  // namespace holdfast::linux::system

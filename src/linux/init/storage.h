// The partition that keeps what a device must not lose: made where it is blank, mounted where it is not. Whose each
// folder on it is, is set anew at each boot.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace holdfast::linux::init {

inline constexpr Reason kStorageFailed{"storage-failed"};

/// Mounts `device` at `where`; a partition whose first MiB is zeros gets a file system first (`mke2fs`).
Result<void> open_storage(const std::string& device, const std::string& where);
/// Private to its user.
Result<void> lay_folder(const std::filesystem::path& folder, unsigned user, unsigned group, unsigned mode = 0700);
/// A number that rises by one each time, kept in `file`.
Result<std::int64_t> count_boot(const std::filesystem::path& file);

}  // namespace holdfast::linux::init

// File systems of what a device keeps (ext4): mounted as they are, repaired where something damaged them, made where
// there are none. Whose each folder on one is, is set anew at each boot.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace holdfast::linux::init {

inline constexpr Reason kStorageFailed{"storage-failed"};

enum class Storage { AsItWas, Repaired, Made };

/// Mounts `device` at `where`. What can neither be mounted nor repaired (`e2fsck`) is made (`mke2fs`); a power cut
/// while it is being made leaves what is made again. A device that does not answer is an Error, and is left as it is.
Result<Storage> open_storage(const std::string& device, const std::string& where);
/// As far as it goes: regular ones, whatever else somebody put there.
void remove_empty_files(const std::filesystem::path& folder);
/// Private to its user.
Result<void> lay_folder(const std::filesystem::path& folder, unsigned user, unsigned group, unsigned mode = 0700);

}  // namespace holdfast::linux::init

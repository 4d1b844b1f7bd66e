// Files that keep secrets or must survive a power cut. Writes go to a temporary file beside the target, which is
// synced, renamed over it, and made durable by syncing the directory: afterwards the old bytes or the new ones are
// there, never a mixture. A secret is created 0600 and is refused when others could read it. No symbolic link is
// followed in the last part of a path.
#pragma once

#include <filesystem>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace holdfast::linux::system {

inline constexpr Reason kFileMissing{"file-missing"};
inline constexpr Reason kFileExists{"file-exists"};
inline constexpr Reason kFileTooLarge{"file-too-large"};
inline constexpr Reason kFileExposed{"file-exposed"};  ///< a secret that others may read, or somebody else's
inline constexpr Reason kFileFailed{"file-failed"};

enum class FileMode { Private = 0600, Public = 0644 };

/// A regular file of at most `bytes_max`; NotFound when there is none.
Result<Blob> read_file(const std::filesystem::path& path, std::size_t bytes_max);

/// The same for a secret: Denied unless it belongs to us or root and only its owner may use it.
Result<Secret> read_secret_file(const std::filesystem::path& path, std::size_t bytes_max);

/// Replaces the whole file, or makes it.
Result<void> write_file(const std::filesystem::path& path, Bytes bytes, FileMode mode);

/// Makes the file; Conflict when there is one, which is left as it is.
Result<void> create_file(const std::filesystem::path& path, Bytes bytes, FileMode mode);

/// Gone for good when it returns; NotFound when there is none.
Result<void> remove_file(const std::filesystem::path& path);

/// Makes the directory (0700), not its parents; one that exists must be ours and closed to others.
Result<void> make_private_directory(const std::filesystem::path& path);

}  // namespace holdfast::linux::system

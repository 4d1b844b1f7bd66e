// An application's image as a tree of files. Unpacked by Debian's fsck.erofs, which checks the image as it goes, as
// whoever calls and without the image's owners and permissions; then looked through: nothing but folders, files and
// links that stay inside, nobody's rights, and no more bytes than `bytes_max`.
#pragma once

#include <filesystem>

#include "linux/apps/application.h"

namespace holdfast::linux::apps {

inline constexpr Reason kTreeUnfit{"tree-unfit"};
inline constexpr std::uintmax_t kTreeBytesMax = 512UL * 1024 * 1024;
inline constexpr std::size_t kTreeFilesMax = 65'536;

/// Into `folder`, which is made anew. What does not fit is gone again when this returns.
Result<Application> unpack(const std::filesystem::path& image, const std::filesystem::path& folder);

/// What unpack() asks of a tree.
Result<void> require_fit_tree(const std::filesystem::path& folder, std::uintmax_t bytes_max = kTreeBytesMax);

}  // namespace holdfast::linux::apps

// `holdfast-delta apply` and `show`, for the program and for whoever else offers them.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace holdfast::programs {

inline constexpr Reason kDeltaShort{"delta-short"};         ///< the file ends before the delta does
inline constexpr Reason kOldImageWrong{"old-image-wrong"};  ///< its digest is not the delta's

struct ApplyPaths {
  std::filesystem::path old_image;
  std::filesystem::path delta;
  std::filesystem::path new_image;
};

/// Makes the new image, or leaves none. With `check_old` the old image's digest is compared first, which reads it once
/// more; without, only if the new image turns out wrong, to say whose fault it was.
Result<void> apply_delta(const ApplyPaths& paths, bool check_old);

/// What a delta says of itself, for people.
Result<std::string> show_delta(const std::filesystem::path& delta);

}  // namespace holdfast::programs

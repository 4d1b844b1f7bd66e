// Makes a delta: the smallest of several ways for each file of an EROFS image that changed, or for the whole of an
// image that is none. Works in memory: both images, and at most some nine times the largest file that changed.
#pragma once

#include <functional>

#include "delta/format/header.h"

namespace holdfast::delta::make {

inline constexpr Reason kImageTooLarge{"image-too-large"};

/// Told now and then: bytes of changed files done, of all there are.
using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

/// kImageTooLarge: an image of 2 GiB or more.
Result<Blob> make_delta(Bytes old_image, Bytes new_image, const Progress& progress = {});

}  // namespace holdfast::delta::make

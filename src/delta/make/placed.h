// Bytes that lie in pieces in an image, taken as if they lay together.
#pragma once

#include "delta/format/record.h"

namespace holdfast::delta::make {

using Extents = std::vector<format::Extent>;

Blob gather(Bytes image, const Extents& extents);
std::uint64_t length_of(const Extents& extents);

/// What no extent of `taken` has of an image, in order.
Extents rest_of(std::uint64_t image_length, Extents taken);

/// Matches between gathered bytes as matches between the images, cut where pieces end; appended to `placed`. Of the new
/// bytes, only those from `new_from` on.
void place_matches(std::span<const format::Match> matches, const Extents& old_extents, const Extents& new_extents,
                   std::uint32_t new_from, std::vector<format::Match>& placed);

/// In order of the new bytes, with those joined that are one.
void tidy_matches(std::vector<format::Match>& matches);

}  // namespace holdfast::delta::make

#include "delta/make/placed.h"

#include <algorithm>

#include "base/check.h"

namespace holdfast::delta::make {
namespace {

using format::Extent;
using format::Match;

/// Where the gathered byte at `offset` lies, and how many follow it in the same piece.
Extent locate(const Extents& extents, std::uint32_t offset) {
  for (const Extent& extent : extents) {
    if (offset < extent.length) return {extent.begin + offset, extent.length - offset};
    offset -= extent.length;
  }
  CHECK_INVARIANT(false);
  return {};
}

/// The same for many pieces.
class Locator {
 public:
  explicit Locator(const Extents& extents) : extents_(extents) {
    for (const Extent& extent : extents) {
      begins_.push_back(sum_);
      sum_ += extent.length;
    }
  }
  Extent operator()(std::uint32_t offset) const {
    if (begins_.size() < 4) return locate(extents_, offset);
    const auto number = static_cast<std::size_t>(std::ranges::upper_bound(begins_, offset) - begins_.begin()) - 1;
    const std::uint32_t within = offset - begins_[number];
    return {extents_[number].begin + within, extents_[number].length - within};
  }

 private:
  const Extents& extents_;
  std::vector<std::uint32_t> begins_;
  std::uint32_t sum_ = 0;
};

}  // namespace

Blob gather(Bytes image, const Extents& extents) {
  Blob gathered;
  gathered.reserve(static_cast<std::size_t>(length_of(extents)));
  for (const Extent& extent : extents) {
    const Bytes part = image.subspan(extent.begin, extent.length);
    gathered.insert(gathered.end(), part.begin(), part.end());
  }
  return gathered;
}

std::uint64_t length_of(const Extents& extents) {
  std::uint64_t sum = 0;
  for (const Extent& extent : extents) sum += extent.length;
  return sum;
}

Extents rest_of(std::uint64_t image_length, Extents taken) {
  std::ranges::sort(taken, {}, &Extent::begin);
  Extents rest;
  std::uint64_t at = 0;
  taken.push_back({static_cast<std::uint32_t>(image_length), 0});
  for (const Extent& extent : taken) {
    if (extent.begin > at) {
      rest.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(extent.begin - at)});
    }
    at = std::max(at, std::uint64_t{extent.begin} + extent.length);
  }
  return rest;
}

void place_matches(std::span<const Match> matches, const Extents& old_extents, const Extents& new_extents,
                   std::uint32_t new_from, std::vector<Match>& placed) {
  const Locator old_at(old_extents);
  const Locator new_at(new_extents);
  for (Match match : matches) {
    if (match.new_end() <= new_from) continue;
    const std::uint32_t skipped = new_from - std::min(new_from, match.new_begin);
    match = {match.new_begin + skipped, match.old_begin + skipped, match.length - skipped};
    while (match.length > 0) {
      const Extent from = old_at(match.old_begin);
      const Extent to = new_at(match.new_begin);
      const std::uint32_t length = std::min({match.length, from.length, to.length});
      placed.push_back({to.begin, from.begin, length});
      match = {match.new_begin + length, match.old_begin + length, match.length - length};
    }
  }
}

void tidy_matches(std::vector<Match>& matches) {
  std::ranges::sort(matches, {}, &Match::new_begin);
  std::vector<Match> joined;
  for (const Match& match : matches) {
    const bool follows =
        !joined.empty() && joined.back().new_end() == match.new_begin && joined.back().old_end() == match.old_begin;
    if (follows) {
      joined.back().length += match.length;
    } else {
      joined.push_back(match);
    }
  }
  matches = std::move(joined);
}

}  // namespace holdfast::delta::make

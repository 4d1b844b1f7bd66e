#include "delta/make/suffixes.h"

#include <divsufsort.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace holdfast::delta::make {
namespace {

constexpr std::size_t kPairs = 65'536;
constexpr std::size_t kTextBytesMax = 0x7FFFFFFF;
constexpr std::size_t kNeighboursMax = 16;  ///< looked at for one that is near

std::size_t pair_of(const std::uint8_t* at) { return std::size_t{at[0]} << 8 | at[1]; }
std::size_t distance(std::size_t a, std::size_t b) { return a > b ? a - b : b - a; }

}  // namespace

Suffixes::Suffixes(Bytes text) : text_(text), order_(text.size()), first_(kPairs + 1) {
  CHECK_INVARIANT(text.size() <= kTextBytesMax);
  if (text.empty()) return;
  CHECK_INVARIANT(divsufsort(text.data(), order_.data(), static_cast<std::int32_t>(text.size())) == 0);
  for (std::size_t i = 0; i + 1 < text.size(); ++i) ++first_[pair_of(&text[i]) + 1];
  // The last byte alone stands before the suffixes that begin with it.
  ++first_[std::size_t{text.back()} << 8];
  for (std::size_t i = 1; i <= kPairs; ++i) first_[i] += first_[i - 1];
}

std::size_t Suffixes::common(std::size_t begin, Bytes wanted, std::size_t known) const {
  const std::size_t most = std::min(text_.size() - begin, wanted.size());
  const std::uint8_t* a = text_.data() + begin;
  std::size_t same = std::min(known, most);
  while (same + 8 <= most && std::memcmp(a + same, wanted.data() + same, 8) == 0) same += 8;
  while (same < most && a[same] == wanted[same]) ++same;
  return same;
}

Suffixes::Found Suffixes::longest(Bytes wanted, std::size_t near) const {
  if (wanted.size() < 2 || text_.empty()) return {};
  std::size_t low = first_[pair_of(wanted.data())];
  std::size_t high = first_[pair_of(wanted.data()) + 1];
  if (low == high) return {};
  std::size_t low_same = 0;
  std::size_t high_same = 0;
  Found best;
  std::size_t best_at = low;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const auto begin = static_cast<std::size_t>(order_[middle]);
    const std::size_t same = common(begin, wanted, std::min(low_same, high_same));
    if (same > best.length) {
      best = {begin, same};
      best_at = middle;
    }
    if (same == wanted.size()) break;
    if (begin + same == text_.size() || text_[begin + same] < wanted[same]) {
      low = middle + 1;
      low_same = same;
    } else {
      high = middle;
      high_same = same;
    }
  }
  if (best.length == 0 || best.begin == near) return best;
  const std::size_t length = best.length;
  for (const int step : {-1, 1}) {
    for (std::size_t i = 1; i <= kNeighboursMax; ++i) {
      const std::size_t at = step < 0 ? best_at - i : best_at + i;
      if (at >= order_.size()) break;
      const auto begin = static_cast<std::size_t>(order_[at]);
      if (common(begin, wanted.first(length), 0) < length) break;
      if (distance(begin, near) < distance(best.begin, near)) best.begin = begin;
    }
  }
  return best;
}

}  // namespace holdfast::delta::make

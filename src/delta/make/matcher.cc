#include "delta/make/matcher.h"

#include <algorithm>
#include <cstring>

#include "delta/make/suffixes.h"

namespace holdfast::delta::make {
namespace {

using format::Match;

constexpr std::size_t kRunEnough = 24;  ///< equal bytes after which no other alignment is looked for
constexpr std::size_t kLookBytes = 64 * 1024;

struct Seed {
  std::size_t new_begin;
  std::size_t old_begin;
};

class Matcher {
 public:
  Matcher(Bytes old_bytes, Bytes new_bytes, std::size_t worth_it)
      : old_(old_bytes), new_(new_bytes), worth_it_(worth_it) {}

  std::vector<Match> run() {
    find_seeds();
    std::vector<Match> matches;
    std::size_t back = 0;
    for (std::size_t i = 0; i < seeds_.size(); ++i) {
      const Seed& seed = seeds_[i];
      const std::size_t limit = i + 1 < seeds_.size() ? seeds_[i + 1].new_begin : new_.size();
      std::size_t forward = grow_forward(seed, limit);
      std::size_t next_back = 0;
      if (i + 1 < seeds_.size()) {
        next_back = grow_back(seeds_[i + 1], seed.new_begin);
        split(seed, seeds_[i + 1], forward, next_back);
      }
      if (back + forward > 0) {
        matches.push_back({static_cast<std::uint32_t>(seed.new_begin - back),
                           static_cast<std::uint32_t>(seed.old_begin - back),
                           static_cast<std::uint32_t>(back + forward)});
      }
      back = next_back;
    }
    return matches;
  }

 private:
  bool is_same(std::size_t new_at, std::size_t old_at) const {
    return old_at < old_.size() && old_[old_at] == new_[new_at];
  }

  std::size_t run_length(std::size_t new_at, std::size_t old_at) const {
    if (old_at >= old_.size()) return 0;
    const std::size_t most = std::min(new_.size() - new_at, old_.size() - old_at);
    std::size_t same = 0;
    while (same + 16 <= most && std::memcmp(&new_[new_at + same], &old_[old_at + same], 16) == 0) same += 16;
    while (same < most && new_[new_at + same] == old_[old_at + same]) ++same;
    return same;
  }

  std::size_t count_same(std::size_t new_at, std::size_t old_at, std::size_t length) const {
    if (old_at >= old_.size()) return 0;
    length = std::min(length, old_.size() - old_at);
    std::size_t same = 0;
    for (std::size_t i = 0; i < length; ++i) same += new_[new_at + i] == old_[old_at + i] ? 1 : 0;
    return same;
  }

  void find_seeds() {
    seeds_.push_back({0, 0});
    const Suffixes suffixes(old_);
    for (std::size_t at = 0; at < new_.size();) {
      const std::size_t aligned = at - seeds_.back().new_begin + seeds_.back().old_begin;
      const std::size_t run = run_length(at, aligned);
      if (run >= kRunEnough) {
        at += run;
        continue;
      }
      const Bytes wanted = new_.subspan(at, std::min(kLookBytes, new_.size() - at));
      const Suffixes::Found found = suffixes.longest(wanted, aligned);
      const std::size_t here = found.length > run ? count_same(at, aligned, found.length) : found.length;
      const bool is_better = found.length > here + worth_it_;
      if (is_better) {
        seeds_.push_back({at, found.begin});
        at += found.length;
      } else {
        at += run + 1;
      }
    }
  }

  /// The length at which equal bytes outnumber the others by most.
  std::size_t grow_forward(const Seed& seed, std::size_t limit) const {
    const std::size_t most = std::min(limit - seed.new_begin, old_.size() - std::min(old_.size(), seed.old_begin));
    std::ptrdiff_t score = 0;
    std::ptrdiff_t best = 0;
    std::size_t best_length = 0;
    for (std::size_t i = 0; i < most; ++i) {
      score += old_[seed.old_begin + i] == new_[seed.new_begin + i] ? 1 : -1;
      if (score <= best) continue;
      best = score;
      best_length = i + 1;
    }
    return best_length;
  }

  std::size_t grow_back(const Seed& seed, std::size_t limit) const {
    const std::size_t most = std::min(seed.new_begin - limit, seed.old_begin);
    std::ptrdiff_t score = 0;
    std::ptrdiff_t best = 0;
    std::size_t best_length = 0;
    for (std::size_t i = 1; i <= most; ++i) {
      score += old_[seed.old_begin - i] == new_[seed.new_begin - i] ? 1 : -1;
      if (score <= best) continue;
      best = score;
      best_length = i;
    }
    return best_length;
  }

  /// Where what both seeds grew to lies over one another, each byte goes to the side on which more is equal.
  void split(const Seed& seed, const Seed& next, std::size_t& forward, std::size_t& back) const {
    const std::size_t end = seed.new_begin + forward;
    const std::size_t begin = next.new_begin - back;
    if (end <= begin) return;
    std::ptrdiff_t score = 0;
    std::ptrdiff_t best = 0;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < end - begin; ++i) {
      const std::size_t at = begin + i;
      score += is_same(at, at - seed.new_begin + seed.old_begin) ? 1 : 0;
      score -= is_same(at, next.old_begin - (next.new_begin - at)) ? 1 : 0;
      if (score <= best) continue;
      best = score;
      kept = i + 1;
    }
    forward = begin + kept - seed.new_begin;
    back = next.new_begin - begin - kept;
  }

  Bytes old_;
  Bytes new_;
  std::size_t worth_it_;
  std::vector<Seed> seeds_;
};

}  // namespace

std::vector<Match> find_matches(Bytes old_bytes, Bytes new_bytes, std::size_t worth_it) {
  return Matcher(old_bytes, new_bytes, worth_it).run();
}

}  // namespace holdfast::delta::make

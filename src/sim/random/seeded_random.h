// Chance that a seed repeats: SHA-256 in counter mode, the same on every machine. Streams forked under different labels
// are independent of each other, so that one device more does not change what the others draw.
#pragma once

#include "ports/random.h"

namespace holdfast::sim::random {

class SeededRandom final : public ports::Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  SeededRandom fork(std::string_view label) const;

  void fill(std::span<std::uint8_t> out) override;
  /// Uniform in 0 … bound-1; `bound` is at least 1.
  std::uint64_t below(std::uint64_t bound);

 private:
  explicit SeededRandom(const Digest256& key) : key_(key) {}

  Digest256 key_;
  std::uint64_t block_ = 0;
  Digest256 left_{};
  std::size_t left_bytes_ = 0;
};

}  // namespace holdfast::sim::random

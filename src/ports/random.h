// The only source of chance: the operating system's CSPRNG, or a seed that replays a run.
#pragma once

#include "base/bytes.h"
#include "base/secret.h"

namespace holdfast::ports {

class Random {
 public:
  virtual ~Random() = default;
  /// Fills all of `out`. There is no failure that a caller could survive.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

template <std::size_t N>
ByteArray<N> random_array(Random& random) {
  ByteArray<N> out;
  random.fill(out);
  return out;
}

inline Secret random_secret(Random& random, std::size_t size) {
  Blob out(size);
  random.fill(out);
  return Secret(std::move(out));
}

}  // namespace holdfast::ports

#include "sim/random/seeded_random.h"

#include <algorithm>

#include "base/byte_io.h"
#include "base/check.h"
#include "trust/crypto/hash.h"

namespace holdfast::sim::random {

SeededRandom::SeededRandom(std::uint64_t seed)
    : key_(trust::crypto::sha256(ByteWriter(Endian::Big).u64(seed).written())) {}

SeededRandom SeededRandom::fork(std::string_view label) const {
  return SeededRandom(trust::crypto::sha256({as_bytes("fork"), key_, as_bytes(label)}));
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    if (left_bytes_ == 0) {
      left_ = trust::crypto::sha256({key_, ByteWriter(Endian::Big).u64(block_++).written()});
      left_bytes_ = left_.size();
    }
    const std::size_t taken = std::min(left_bytes_, out.size());
    std::copy_n(left_.end() - static_cast<std::ptrdiff_t>(left_bytes_), taken, out.begin());
    left_bytes_ -= taken;
    out = out.subspan(taken);
  }
}

std::uint64_t SeededRandom::below(std::uint64_t bound) {
  CHECK_INVARIANT(bound > 0);
  // Draws from the last, incomplete run of `bound` would favour small numbers and are drawn again.
  const std::uint64_t fair = UINT64_MAX - UINT64_MAX % bound;
  while (true) {
    const Blob drawn = to_blob(random_array<8>(*this));
    const std::uint64_t value = *ByteReader(drawn, Endian::Big, "random number").u64();
    if (value < fair) return value % bound;
  }
}

}  // namespace holdfast::sim::random

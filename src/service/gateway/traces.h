// New traces from one random seed, each another: unlike a nonce, a trace need not be hard to guess, and asking the
// system for chance with every request cost more than reading the request.
#pragma once

#include <array>
#include <atomic>
#include <bit>

#include "base/encoding.h"
#include "wire/trace.h"

namespace holdfast::service::gateway {

class Traces {
 public:
  explicit Traces(const ByteArray<wire::kTraceBytes>& seed) : seed_(std::bit_cast<Halves>(seed)) {}

  /// From any thread. The first half stays the same; the second walks through every odd number, in great strides.
  wire::Trace next() {
    constexpr std::uint64_t kStride = 0x3C6E'F372'FE94'F82A;  // twice an odd number
    const std::uint64_t second = (seed_[1] | 1) + given_.fetch_add(1, std::memory_order_relaxed) * kStride;
    return to_hex(std::bit_cast<ByteArray<wire::kTraceBytes>>(Halves{seed_[0], second}));
  }

 private:
  using Halves = std::array<std::uint64_t, 2>;
  const Halves seed_;
  std::atomic<std::uint64_t> given_ = 0;
};

}  // namespace holdfast::service::gateway

#include "device/contact/backoff.h"

#include <algorithm>

#include "base/byte_io.h"
#include "base/check.h"
#include "base/text.h"

namespace holdfast::device::contact {

Duration jittered(Duration around, int percent, ports::Random& random) {
  CHECK_INVARIANT(around.count() >= 0 && percent >= 0 && percent <= 100);
  const std::int64_t span = around.count() / 100 * percent;
  const auto drawn = random_array<8>(random);
  // The bias of a remainder of 64 bits over some hours in milliseconds is below 2⁻³⁰.
  const std::uint64_t chance =
      *ByteReader(drawn, Endian::Big, "random number").u64() % (static_cast<std::uint64_t>(span) * 2 + 1);
  return Duration(around.count() - span + static_cast<std::int64_t>(chance));
}

Duration backoff(Duration first, int failures, ports::Random& random) {
  constexpr int kDoublingsMax = 16;
  const int doublings = std::clamp(failures - 1, 0, kDoublingsMax);
  const Duration longest = std::min(first * (std::int64_t{1} << doublings), kBackoffMax);
  return jittered(longest * 3 / 4, 33, random);
}

std::string in_seconds(Duration wait) { return cat(std::chrono::ceil<seconds>(wait).count(), 's'); }

}  // namespace holdfast::device::contact

#include "device/update/place_reader.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace holdfast::device::update {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr int kPiecesInAStep = 16;

}  // namespace

Result<Blob> read_exactly(ports::Slots& slots, const Place& place, std::int64_t offset, std::size_t bytes) {
  Blob out = TRY(slots.read(place.component, place.slot, offset, bytes));
  if (out.size() == bytes) return out;
  return fail(Next::Corrupt, ports::kSlotsFailed,
              cat("expected ", bytes, " bytes at ", offset, " of ", printable(place.component), ", saw ", out.size()));
}

Result<void> PlaceImage::read(std::uint64_t offset, std::span<std::uint8_t> out) {
  const Blob bytes = TRY(read_exactly(slots_, place_, static_cast<std::int64_t>(offset), out.size()));
  std::ranges::copy(bytes, out.begin());
  return {};
}

Result<std::optional<Digest256>> PlaceHasher::step(ports::Slots& slots) {
  for (int piece = 0; piece < kPiecesInAStep && at_ < place_.length; ++piece) {
    const auto left = static_cast<std::size_t>(place_.length - at_);
    const Blob bytes = TRY(read_exactly(slots, place_, at_, std::min(left, kPieceBytes)));
    digest_.add(bytes);
    at_ += std::ssize(bytes);
  }
  if (at_ < place_.length) return std::optional<Digest256>();
  return std::optional(digest_.take());
}

}  // namespace holdfast::device::update

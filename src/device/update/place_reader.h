// A place of a component as an image: read by offset, and hashed a bounded number of bytes at a time.
#pragma once

#include <optional>

#include "delta/old/old_image.h"
#include "ports/slots.h"
#include "trust/crypto/running_hash.h"

namespace holdfast::device::update {

struct Place {
  std::string component;
  ports::Slot slot = ports::Slot::A;
  std::int64_t length = 0;  ///< of the image in it
};

/// What a delta is over.
class PlaceImage final : public delta::old::OldImage {
 public:
  PlaceImage(ports::Slots& slots, Place place) : slots_(slots), place_(std::move(place)) {}
  std::uint64_t length() const override { return static_cast<std::uint64_t>(place_.length); }
  Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) override;

 private:
  ports::Slots& slots_;
  Place place_;
};

class PlaceHasher {
 public:
  explicit PlaceHasher(Place place) : place_(std::move(place)) {}
  /// Reads on for a while; the digest once all was read.
  Result<std::optional<Digest256>> step(ports::Slots& slots);

 private:
  Place place_;
  std::int64_t at_ = 0;
  trust::crypto::RunningSha256 digest_;
};

/// Exactly `bytes` of a place; Corrupt (kSlotsFailed) where there are fewer.
Result<Blob> read_exactly(ports::Slots& slots, const Place& place, std::int64_t offset, std::size_t bytes);

}  // namespace holdfast::device::update

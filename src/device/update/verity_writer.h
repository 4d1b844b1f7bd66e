// Makes the verity tree of an image that a place holds, compares its root with the signed one, writes it behind the
// image and reads it back; a bounded piece at a time.
#pragma once

#include "device/update/place_reader.h"
#include "trust/update/verity.h"

namespace holdfast::device::update {

class VerityWriter {
 public:
  /// `place` is the spare one.
  VerityWriter(Place place, const trust::update::Verity& verity)
      : place_(std::move(place)), verity_(verity), builder_(verity.salt), at_(verity.data_offset) {}
  /// Whether it is done. Rejected (kVerityDiffers) where the image is not what was signed as a root; an Error of the
  /// disk is to be tried again.
  Result<bool> step(ports::Slots& slots);

 private:
  enum class Phase { Hash, Write, ReadBack };
  Result<void> hash(ports::Slots& slots);
  Result<void> write(ports::Slots& slots);
  Result<bool> read_back(ports::Slots& slots);
  std::size_t left() const { return tree_.bytes.size() - static_cast<std::size_t>(at_); }

  Place place_;
  trust::update::Verity verity_;
  trust::update::VerityBuilder builder_;
  trust::update::VerityTree tree_;
  Phase phase_ = Phase::Hash;
  std::int64_t at_ = 0;
};

}  // namespace holdfast::device::update

// The image that a delta is over, read by offset, and a file in it: a few extents, one after another. Reading past the
// end is refused before the image is asked.
#pragma once

#include <span>
#include <vector>

#include "delta/format/record.h"

namespace holdfast::delta::old {

inline constexpr Reason kOldImageOutside{"old-image-outside"};

class OldImage {
 public:
  virtual ~OldImage() = default;
  virtual std::uint64_t length() const = 0;
  /// Fills `out` from `offset`; callers stay within length().
  virtual Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) = 0;
};

/// An image in memory.
class OldBytes final : public OldImage {
 public:
  explicit OldBytes(Bytes bytes) : bytes_(bytes) {}
  std::uint64_t length() const override { return bytes_.size(); }
  Result<void> read(std::uint64_t offset, std::span<std::uint8_t> out) override;

 private:
  Bytes bytes_;
};

class OldFile {
 public:
  /// The whole image, as far as a delta can name it.
  explicit OldFile(OldImage& image);
  /// kOldImageOutside: an extent reaches past the image.
  static Result<OldFile> make(OldImage& image, const std::vector<format::Extent>& extents);

  std::uint32_t length() const { return length_; }
  Result<void> read(std::uint32_t offset, std::span<std::uint8_t> out) const;

 private:
  OldImage* image_;
  std::vector<format::Extent> extents_;
  std::uint32_t length_ = 0;
};

}  // namespace holdfast::delta::old

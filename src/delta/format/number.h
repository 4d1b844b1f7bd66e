// Whole numbers as in a delta's records: seven bits a byte, least significant first, the highest bit set on all but the
// last. Signed ones are folded first, so that small ones of either sign are short. At most five bytes; what does not
// fit 32 bits is refused.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::delta::format {

inline constexpr Reason kDeltaMalformed{"delta-malformed"};

void append_number(Blob& out, std::uint32_t value);
void append_signed(Blob& out, std::int32_t value);

constexpr std::uint32_t folded(std::int32_t value) {
  return (static_cast<std::uint32_t>(value) << 1) ^ static_cast<std::uint32_t>(value >> 31);
}
constexpr std::int32_t unfolded(std::uint32_t value) {
  return static_cast<std::int32_t>((value >> 1) ^ (0U - (value & 1)));
}

/// A cursor over one stream of numbers and bytes.
class NumberReader {
 public:
  NumberReader() = default;
  explicit NumberReader(Bytes bytes) : bytes_(bytes) {}

  Result<std::uint32_t> number();
  Result<std::int32_t> signed_number();
  Result<std::uint8_t> byte();
  Result<Bytes> take(std::size_t size);
  bool is_empty() const { return at_ == bytes_.size(); }
  std::size_t remaining() const { return bytes_.size() - at_; }
  /// Refuses what is left over.
  Result<void> done(std::string_view what) const;

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

}  // namespace holdfast::delta::format

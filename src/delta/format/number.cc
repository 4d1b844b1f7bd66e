#include "delta/format/number.h"

#include "base/text.h"

namespace holdfast::delta::format {
namespace {

constexpr unsigned kNumberBytesMax = 5;

std::unexpected<Error> ended(std::size_t wanted, std::size_t left) {
  return fail(Next::Corrupt, kDeltaMalformed,
              cat("delta record: expected ", wanted, " more bytes in a stream, saw ", left));
}

}  // namespace

void append_number(Blob& out, std::uint32_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<std::uint8_t>(value));
}

void append_signed(Blob& out, std::int32_t value) { append_number(out, folded(value)); }

Result<std::uint32_t> NumberReader::number() {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < kNumberBytesMax; ++i) {
    if (at_ == bytes_.size()) return ended(1, 0);
    const std::uint8_t next = bytes_[at_++];
    value |= static_cast<std::uint64_t>(next & 0x7F) << (7 * i);
    if (next < 0x80) {
      if (value <= 0xFFFFFFFF) return static_cast<std::uint32_t>(value);
      break;
    }
  }
  return fail(Next::Corrupt, kDeltaMalformed, "delta record: expected a number of 32 bits, saw a longer one");
}

Result<std::int32_t> NumberReader::signed_number() { return unfolded(TRY(number())); }

Result<std::uint8_t> NumberReader::byte() {
  if (at_ == bytes_.size()) return ended(1, 0);
  return bytes_[at_++];
}

Result<Bytes> NumberReader::take(std::size_t size) {
  if (size > remaining()) return ended(size, remaining());
  const Bytes taken = bytes_.subspan(at_, size);
  at_ += size;
  return taken;
}

Result<void> NumberReader::done(std::string_view what) const {
  if (is_empty()) return {};
  return fail(Next::Corrupt, kDeltaMalformed, cat(what, ": expected the end, saw ", remaining(), " more bytes"));
}

}  // namespace holdfast::delta::format

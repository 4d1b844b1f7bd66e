#include "base/byte_io.h"

#include "base/check.h"
#include "base/text.h"

namespace holdfast {

template <class T>
Result<T> ByteReader::number() {
  const Bytes raw = TRY(take(sizeof(T)));
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    const std::size_t shift = 8 * (endian_ == Endian::Big ? sizeof(T) - 1 - i : i);
    value = static_cast<T>(value | (static_cast<T>(raw[i]) << shift));
  }
  return value;
}

Result<std::uint8_t> ByteReader::u8() { return number<std::uint8_t>(); }
Result<std::uint16_t> ByteReader::u16() { return number<std::uint16_t>(); }
Result<std::uint32_t> ByteReader::u32() { return number<std::uint32_t>(); }
Result<std::uint64_t> ByteReader::u64() { return number<std::uint64_t>(); }

Result<Bytes> ByteReader::take(std::size_t size) {
  if (size > remaining()) {
    return fail(Next::Corrupt, kBytesTruncated,
                cat(what_, ": expected ", size, " more bytes at offset ", at_, ", saw ", remaining()));
  }
  const Bytes taken = bytes_.subspan(at_, size);
  at_ += size;
  return taken;
}

Result<Bytes> ByteReader::sized16(std::size_t size_max) {
  const std::size_t size = TRY(u16());
  if (size > size_max) {
    return fail(Next::Corrupt, kBytesTruncated,
                cat(what_, ": expected at most ", size_max, " bytes at offset ", at_, ", saw a size of ", size));
  }
  return take(size);
}

Result<void> ByteReader::done() const {
  if (remaining() == 0) return {};
  return fail(Next::Corrupt, kBytesTrailing,
              cat(what_, ": expected the end at offset ", at_, ", saw ", remaining(), " more bytes"));
}

template <class T>
ByteWriter& ByteWriter::number(T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    const std::size_t shift = 8 * (endian_ == Endian::Big ? sizeof(T) - 1 - i : i);
    out_.push_back(static_cast<std::uint8_t>(value >> shift));
  }
  return *this;
}

ByteWriter& ByteWriter::u8(std::uint8_t value) { return number(value); }
ByteWriter& ByteWriter::u16(std::uint16_t value) { return number(value); }
ByteWriter& ByteWriter::u32(std::uint32_t value) { return number(value); }
ByteWriter& ByteWriter::u64(std::uint64_t value) { return number(value); }

ByteWriter& ByteWriter::bytes(Bytes value) {
  out_.insert(out_.end(), value.begin(), value.end());
  return *this;
}

ByteWriter& ByteWriter::sized16(Bytes value) {
  CHECK_INVARIANT(value.size() <= 0xFFFF);
  return u16(static_cast<std::uint16_t>(value.size())).bytes(value);
}

}  // namespace holdfast

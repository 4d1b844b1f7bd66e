// A bounded cursor over untrusted bytes. Every read says how much it needs and fails with where it stood; nothing is
// read past the end and nothing is copied unless the name says so.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast {

inline constexpr Reason kBytesTruncated{"bytes-truncated"};
inline constexpr Reason kBytesTrailing{"bytes-trailing"};

enum class Endian { Big, Little };

class ByteReader {
 public:
  /// `what` names the structure in errors and must outlive the reader.
  ByteReader(Bytes bytes, Endian endian, std::string_view what) : bytes_(bytes), endian_(endian), what_(what) {}

  Result<std::uint8_t> u8();
  Result<std::uint16_t> u16();
  Result<std::uint32_t> u32();
  Result<std::uint64_t> u64();
  Result<Bytes> take(std::size_t size);
  /// A 16-bit size, then that many bytes (TPM2B_*), refused above `size_max`.
  Result<Bytes> sized16(std::size_t size_max);
  /// Refuses what is left over.
  Result<void> done() const;

  std::size_t offset() const { return at_; }
  std::size_t remaining() const { return bytes_.size() - at_; }
  Bytes rest() const { return bytes_.subspan(at_); }

 private:
  template <class T>
  Result<T> number();

  Bytes bytes_;
  Endian endian_;
  std::string_view what_;
  std::size_t at_ = 0;
};

/// The mirror image: appends numbers and bytes.
class ByteWriter {
 public:
  explicit ByteWriter(Endian endian) : endian_(endian) {}

  ByteWriter& u8(std::uint8_t value);
  ByteWriter& u16(std::uint16_t value);
  ByteWriter& u32(std::uint32_t value);
  ByteWriter& u64(std::uint64_t value);
  ByteWriter& bytes(Bytes value);
  /// A 16-bit size, then the bytes; more than 65,535 of them is a bug of the caller.
  ByteWriter& sized16(Bytes value);

  const Blob& written() const { return out_; }
  Blob take() { return std::move(out_); }

 private:
  template <class T>
  ByteWriter& number(T value);

  Endian endian_;
  Blob out_;
};

}  // namespace holdfast

#include "trust/eventlog/writer.h"

#include <algorithm>

#include "base/byte_io.h"
#include "base/check.h"
#include "trust/eventlog/log.h"

namespace holdfast::trust::eventlog {
namespace {

using crypto::HashAlgorithm;

constexpr std::size_t kSha1Bytes = 20;
constexpr std::string_view kSpecIdEvent03{"Spec ID Event03\0", 16};

/// TCG_EfiSpecIDEventStruct: client platform, version 2.0, 64-bit UINTN, SHA-256 alone, no vendor information.
Blob spec_id() {
  ByteWriter out(Endian::Little);
  out.bytes(as_bytes(kSpecIdEvent03)).u32(0).u8(0).u8(2).u8(0).u8(2).u32(1);
  return out.u16(static_cast<std::uint16_t>(HashAlgorithm::Sha256)).u16(sizeof(Digest256)).u8(0).take();
}

void write_data(ByteWriter& out, Bytes data) {
  CHECK_INVARIANT(data.size() <= kEventBytesMax);
  out.u32(static_cast<std::uint32_t>(data.size())).bytes(data);
}

}  // namespace

LogWriter::LogWriter() {
  ByteWriter out(Endian::Little);
  out.u32(0).u32(kEvNoAction).bytes(ByteArray<kSha1Bytes>{});
  write_data(out, spec_id());
  out_ = out.take();
}

Digest256 LogWriter::append(std::uint32_t pcr, std::uint32_t type, Bytes data) {
  const Digest256 digest = crypto::sha256(data);
  append(pcr, type, digest, data);
  return digest;
}

void LogWriter::append(std::uint32_t pcr, std::uint32_t type, const Digest256& digest, Bytes data) {
  ByteWriter out(Endian::Little);
  out.u32(pcr).u32(type).u32(1).u16(static_cast<std::uint16_t>(HashAlgorithm::Sha256)).bytes(digest);
  write_data(out, data);
  out_.insert(out_.end(), out.written().begin(), out.written().end());
}

void LogWriter::append(const Event& event) {
  const Bytes value = digest_of(event, HashAlgorithm::Sha256);
  Digest256 digest;
  CHECK_INVARIANT(value.size() == digest.size());
  std::ranges::copy(value, digest.begin());
  append(event.pcr, event.type, digest, event.data);
}

}  // namespace holdfast::trust::eventlog

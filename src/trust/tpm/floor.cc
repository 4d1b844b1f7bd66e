#include "trust/tpm/floor.h"

#include "base/byte_io.h"
#include "base/text.h"

namespace holdfast::trust::tpm {
namespace {

// Part 2 §6.5.2 and §6.3.
constexpr std::uint32_t kNvWrite = 0x00000137;
constexpr std::uint16_t kSha256 = 0x000B;

constexpr std::uint32_t kOwnerRange = 0x01800000;
constexpr std::uint32_t kOwnerRangeMask = 0x003FFFFF;

/// So that the key's other signatures are none of these, nor those for another component that has the same handle.
std::string reference_of(std::string_view component) { return cat("holdfast-floor-v1 ", component); }

Blob number(std::uint32_t value) { return ByteWriter(Endian::Big).u32(value).take(); }

/// Name of the index (Part 1 §16): the digest of its TPMS_NV_PUBLIC, which changes with the first write.
Blob index_name(std::string_view component, const PublicArea& authority, bool is_written) {
  ByteWriter area(Endian::Big);
  area.u32(floor_handle(component)).u16(kSha256).u32(kFloorAttributes | (is_written ? kNvWritten : 0));
  area.sized16(floor_policy(component, authority)).u16(kFloorBytes);
  return ByteWriter(Endian::Big).u16(kSha256).bytes(crypto::sha256(area.written())).take();
}

}  // namespace

std::uint32_t floor_handle(std::string_view component) {
  const Digest256 digest = crypto::sha256(as_bytes(component));
  const std::uint32_t low = (std::uint32_t{digest[0]} << 16) | (std::uint32_t{digest[1]} << 8) | digest[2];
  return kOwnerRange | (low & kOwnerRangeMask);
}

Digest256 floor_policy(std::string_view component, const PublicArea& authority) {
  return authorized_policy(authority, reference_of(component));
}

SignedPolicy floor_write_policy(FloorWrite write, std::string_view component, const PublicArea& authority,
                                std::int64_t security_version) {
  Digest256 policy{};
  if (write == FloorWrite::Raise) {
    policy = policy_nv(policy, index_name(component, authority, true), floor_bytes(security_version),
                       Comparison::UnsignedLess);
  }
  const Digest256 hash = floor_write_hash(write, component, authority, security_version);
  return {policy_cp_hash(policy, hash), to_blob(as_bytes(reference_of(component)))};
}

Blob floor_index_name(std::string_view component, const PublicArea& authority) {
  return index_name(component, authority, true);
}

Digest256 floor_write_hash(FloorWrite write, std::string_view component, const PublicArea& authority,
                           std::int64_t security_version) {
  const Blob name = index_name(component, authority, write == FloorWrite::Raise);
  const Blob parameters = ByteWriter(Endian::Big).sized16(floor_bytes(security_version)).u16(0).take();
  return crypto::sha256({number(kNvWrite), name, name, parameters});
}

ByteArray<kFloorBytes> floor_bytes(std::int64_t security_version) {
  ByteArray<kFloorBytes> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[out.size() - 1 - i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(security_version) >> (8 * i));
  }
  return out;
}

Result<std::int64_t> floor_from(Bytes bytes) {
  ByteReader reader(bytes, Endian::Big, "floor");
  const std::uint64_t value = TRY(reader.u64());
  TRY(reader.done());
  if (value <= INT64_MAX) return static_cast<std::int64_t>(value);
  return fail(Next::Corrupt, kBytesTrailing, cat("floor: expected a security version, saw ", value));
}

}  // namespace holdfast::trust::tpm

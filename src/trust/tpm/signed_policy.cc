#include "trust/tpm/signed_policy.h"

#include "base/byte_io.h"

namespace holdfast::trust::tpm {
namespace {

// Part 2 §6.5.2 and §6.3.
constexpr std::uint32_t kPolicyNv = 0x00000149;
constexpr std::uint32_t kPolicyCpHash = 0x0000016E;
constexpr std::uint32_t kPolicyAuthorize = 0x0000016A;
constexpr std::uint32_t kPolicyPcr = 0x0000017F;
constexpr std::uint16_t kSha256 = 0x000B;

Blob number(std::uint32_t value) { return ByteWriter(Endian::Big).u32(value).take(); }

/// TPML_PCR_SELECTION of one bank.
Blob selection_of(std::uint32_t pcrs) {
  ByteWriter out(Endian::Big);
  out.u32(1).u16(kSha256).u8(3);
  for (const int shift : {0, 8, 16}) out.u8(static_cast<std::uint8_t>(pcrs >> shift));
  return out.take();
}

}  // namespace

Blob SignedPolicy::to_be_signed() const { return ByteWriter(Endian::Big).bytes(policy).bytes(reference).take(); }

PublicArea authority_area(const crypto::PublicKey& p256_key) {
  PublicArea area{.type = ObjectType::Ecc,
                  .name_algorithm = crypto::HashAlgorithm::Sha256,
                  .attributes = kUserWithAuth | kSign,
                  .auth_policy = {},
                  .aes_bits = {},
                  .scheme = {},
                  .key = p256_key,
                  .bytes = {}};
  area.bytes = marshal(area);
  return area;
}

Digest256 authorized_policy(const PublicArea& authority, std::string_view reference) {
  const Digest256 policy = crypto::sha256({Digest256{}, number(kPolicyAuthorize), name_of(authority)});
  return crypto::sha256({policy, as_bytes(reference)});
}

Digest256 policy_nv(const Digest256& before, Bytes index_name, Bytes value, Comparison comparison) {
  constexpr std::uint16_t kFromTheBegin = 0;
  const Blob operation = ByteWriter(Endian::Big).u16(kFromTheBegin).u16(static_cast<std::uint16_t>(comparison)).take();
  return crypto::sha256({before, number(kPolicyNv), crypto::sha256({value, operation}), index_name});
}

Digest256 policy_pcr(const Digest256& before, std::uint32_t pcrs, const std::vector<Digest256>& values) {
  ByteWriter all(Endian::Big);
  for (const Digest256& one : values) all.bytes(one);
  return crypto::sha256({before, number(kPolicyPcr), selection_of(pcrs), crypto::sha256(all.written())});
}

Digest256 policy_cp_hash(const Digest256& before, const Digest256& hash) {
  return crypto::sha256({before, number(kPolicyCpHash), hash});
}

}  // namespace holdfast::trust::tpm

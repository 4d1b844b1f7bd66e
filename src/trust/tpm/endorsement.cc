#include "trust/tpm/endorsement.h"

#include "base/text.h"

namespace holdfast::trust::tpm {
namespace {

using crypto::HashAlgorithm;
using crypto::KeyKind;

constexpr std::uint32_t kLowRangeAttributes =
    kFixedTpm | kFixedParent | kSensitiveDataOrigin | kAdminWithPolicy | kRestricted | kDecrypt;
constexpr std::uint32_t kHighRangeAttributes = kLowRangeAttributes | kUserWithAuth;

/// PolicyA of the low range: TPM2_PolicySecret(TPM_RH_ENDORSEMENT), SHA-256.
constexpr Digest256 kPolicySecretSha256 = {0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xB3, 0xF8, 0x1A, 0x90, 0xCC,
                                           0x8D, 0x46, 0xA5, 0xD7, 0x24, 0xFD, 0x52, 0xD7, 0x6E, 0x06, 0x52,
                                           0x0B, 0x64, 0xF2, 0xA1, 0xDA, 0x1B, 0x33, 0x14, 0x69, 0xAA};
/// PolicyB of the high range, SHA-384: PolicyA, or what NV index 0x01C07F02 authorises.
constexpr ByteArray<48> kPolicyBSha384 = {0xB2, 0x6E, 0x7D, 0x28, 0xD1, 0x1A, 0x50, 0xBC, 0x53, 0xD8, 0x82, 0xBC,
                                          0xF5, 0xFD, 0x3A, 0x1A, 0x07, 0x41, 0x48, 0xBB, 0x35, 0xD3, 0xB4, 0xE4,
                                          0xCB, 0x1C, 0x0A, 0xD9, 0xBD, 0xE4, 0x19, 0xCA, 0xCB, 0x47, 0xBA, 0x09,
                                          0x69, 0x96, 0x46, 0x15, 0x0F, 0x9F, 0xC0, 0x00, 0xF3, 0xF8, 0x0E, 0x12};

constexpr std::size_t kRsaBits = 2048;
constexpr std::uint32_t kRsaExponent = 65537;

PublicArea area_of(const crypto::PublicKey& key, ObjectType type) {
  const bool high_range = key.kind() == KeyKind::EcP384;
  PublicArea area{.type = type,
                  .name_algorithm = high_range ? HashAlgorithm::Sha384 : HashAlgorithm::Sha256,
                  .attributes = high_range ? kHighRangeAttributes : kLowRangeAttributes,
                  .auth_policy = to_blob(high_range ? Bytes(kPolicyBSha384) : Bytes(kPolicySecretSha256)),
                  .aes_bits = static_cast<std::uint16_t>(high_range ? 256 : 128),
                  .scheme = std::nullopt,
                  .key = key,
                  .bytes = {}};
  area.bytes = marshal(area);
  return area;
}

}  // namespace

Result<PublicArea> endorsement_area(const crypto::PublicKey& endorsement_key) {
  const KeyKind kind = endorsement_key.kind();
  if (kind == KeyKind::EcP256 || kind == KeyKind::EcP384) return area_of(endorsement_key, ObjectType::Ecc);
  if (kind == KeyKind::Rsa && endorsement_key.bits() == kRsaBits && endorsement_key.rsa_exponent() == kRsaExponent) {
    return area_of(endorsement_key, ObjectType::Rsa);
  }
  return fail(Next::Rejected, kEndorsementKeyUnsupported,
              cat("expected an endorsement key of RSA-2048 with exponent 65537, P-256 or P-384, saw ",
                  crypto::name_of(kind), " of ", endorsement_key.bits(), " bits"));
}

}  // namespace holdfast::trust::tpm

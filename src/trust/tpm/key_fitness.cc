#include <iterator>

#include "base/check.h"
#include "base/text.h"
#include "trust/tpm/public_area.h"

namespace holdfast::trust::tpm {
namespace {

using crypto::HashAlgorithm;
using crypto::KeyKind;

constexpr SigningScheme kEcdsaSha256{SchemeKind::Ecdsa, HashAlgorithm::Sha256};

struct AttributeName {
  std::uint32_t bit;
  std::string_view name;
};
constexpr AttributeName kAttributeNames[] = {
    {kFixedTpm, "fixedTPM"},
    {kStClear, "stClear"},
    {kFixedParent, "fixedParent"},
    {kSensitiveDataOrigin, "sensitiveDataOrigin"},
    {kUserWithAuth, "userWithAuth"},
    {kAdminWithPolicy, "adminWithPolicy"},
    {kNoDictionaryAttackProtection, "noDA"},
    {kEncryptedDuplication, "encryptedDuplication"},
    {kRestricted, "restricted"},
    {kDecrypt, "decrypt"},
    {kSign, "sign"},
};

std::string names_of(std::uint32_t attributes) {
  std::vector<std::string> names;
  for (const auto& [bit, name] : kAttributeNames) {
    if ((attributes & bit) != 0) names.emplace_back(name);
    attributes &= ~bit;
  }
  if (attributes != 0) names.push_back(cat("unknown bits ", attributes));
  return names.empty() ? "none" : join(names, "+");
}

std::string words_of(const std::optional<SigningScheme>& scheme) {
  if (!scheme) return "none";
  const std::string_view kind = scheme->kind == SchemeKind::Ecdsa    ? "ECDSA"
                                : scheme->kind == SchemeKind::Rsassa ? "RSASSA"
                                                                     : "RSAPSS";
  return cat(kind, " with ", crypto::name_of(scheme->hash));
}

/// What both kinds of key share; `use` begins the sentence.
Result<void> require_signing_key(const PublicArea& area, std::string_view use, std::uint32_t attributes,
                                 Reason reason) {
  if (area.key.kind() != KeyKind::EcP256) {
    return fail(Next::Rejected, reason, cat(use, ": expected a P-256 key, saw ", crypto::name_of(area.key.kind())));
  }
  if (area.name_algorithm != HashAlgorithm::Sha256) {
    return fail(Next::Rejected, reason,
                cat(use, ": expected a name by sha256, saw ", crypto::name_of(area.name_algorithm)));
  }
  if ((area.attributes & ~kNoDictionaryAttackProtection) != attributes) {
    return fail(Next::Rejected, reason,
                cat(use, ": expected the attributes ", names_of(attributes), ", saw ", names_of(area.attributes)));
  }
  if (area.aes_bits) {
    return fail(Next::Rejected, reason, cat(use, ": expected no symmetric algorithm, saw AES-", *area.aes_bits));
  }
  return {};
}

PublicArea signing_key_area(const crypto::PublicKey& key, std::uint32_t attributes,
                            std::optional<SigningScheme> scheme) {
  CHECK_INVARIANT(key.kind() == KeyKind::EcP256);
  PublicArea area{.type = ObjectType::Ecc,
                  .name_algorithm = HashAlgorithm::Sha256,
                  .attributes = attributes,
                  .auth_policy = {},
                  .aes_bits = std::nullopt,
                  .scheme = scheme,
                  .key = key,
                  .bytes = {}};
  area.bytes = marshal(area);
  return area;
}

}  // namespace

PublicArea attestation_key_area(const crypto::PublicKey& p256_key) {
  return signing_key_area(p256_key, kAttestationKeyAttributes, kEcdsaSha256);
}

PublicArea tls_key_area(const crypto::PublicKey& p256_key) {
  return signing_key_area(p256_key, kTlsKeyAttributes, std::nullopt);
}

PublicArea bound_key_area(const crypto::PublicKey& p256_key, const Digest256& policy) {
  PublicArea area = signing_key_area(p256_key, kBoundKeyAttributes, std::nullopt);
  area.auth_policy = to_blob(policy);
  area.bytes = marshal(area);
  return area;
}

Result<void> require_attestation_key(const PublicArea& area) {
  if (!area.auth_policy.empty()) {
    return fail(
        Next::Rejected, kAttestationKeyUnfit,
        cat("attestation key: expected no authorisation policy, saw one of ", area.auth_policy.size(), " bytes"));
  }
  TRY(require_signing_key(area, "attestation key", kAttestationKeyAttributes, kAttestationKeyUnfit));
  if (area.scheme != kEcdsaSha256) {
    return fail(Next::Rejected, kAttestationKeyUnfit,
                cat("attestation key: expected the scheme ECDSA with sha256, saw ", words_of(area.scheme)));
  }
  return {};
}

Result<void> require_tls_key(const PublicArea& area) {
  const std::uint32_t attributes = area.auth_policy.empty() ? kTlsKeyAttributes : kBoundKeyAttributes;
  TRY(require_signing_key(area, "TLS key", attributes, kTlsKeyUnfit));
  if (area.scheme && area.scheme != kEcdsaSha256) {
    return fail(Next::Rejected, kTlsKeyUnfit,
                cat("TLS key: expected no scheme or ECDSA with sha256, saw ", words_of(area.scheme)));
  }
  return {};
}

}  // namespace holdfast::trust::tpm

#include <doctest/doctest.h>

#include "trust/tpm/golden_test.h"
#include "trust/tpm/public_area.h"

using namespace holdfast;
using namespace holdfast::trust;
using namespace holdfast::trust::tpm;
using crypto::HashAlgorithm;
using crypto::KeyKind;

namespace {

crypto::PublicKey key_of(KeyKind curve) {
  return crypto::PrivateKey::ec_from_entropy(curve, Blob(64, 7))->public_key();
}

const PublicArea kAttestation = attestation_key_area(key_of(KeyKind::EcP256));
const PublicArea kTls = tls_key_area(key_of(KeyKind::EcP256));

PublicArea changed(PublicArea area, auto change) {
  change(area);
  return area;
}

bool unfit(const PublicArea& area) {
  const auto fit = require_attestation_key(area);
  return !fit && fit.error().reason == kAttestationKeyUnfit;
}

}  // namespace

TEST_CASE("the keys that a TPM makes are fit for their use and for no other") {
  const auto attestation = parse_public_area(golden(kGoldenAttestationKey));
  const auto tls = parse_public_area(golden(kGoldenTlsKey));
  CHECK(require_attestation_key(*attestation));
  CHECK(require_tls_key(*tls));
  CHECK(unfit(*tls));
  CHECK(require_tls_key(*attestation).error().reason == kTlsKeyUnfit);
}

TEST_CASE("the areas that our vaults make are fit, and parse to themselves") {
  CHECK(require_attestation_key(kAttestation));
  CHECK(require_tls_key(kTls));
  CHECK(marshal(*parse_public_area(kAttestation.bytes)) == kAttestation.bytes);
  CHECK(marshal(*parse_public_area(kTls.bytes)) == kTls.bytes);
}

TEST_CASE("an attestation key with any other attribute than its own is refused") {
  for (unsigned bit = 0; bit < 32; ++bit) {
    const auto other = changed(kAttestation, [&](PublicArea& area) { area.attributes ^= 1u << bit; });
    CAPTURE(bit);
    CHECK(unfit(other) == ((1u << bit) != kNoDictionaryAttackProtection));
  }
}

TEST_CASE("a TLS key with any other attribute than its own is refused") {
  for (unsigned bit = 0; bit < 32; ++bit) {
    const auto other = changed(kTls, [&](PublicArea& area) { area.attributes ^= 1u << bit; });
    CAPTURE(bit);
    CHECK(require_tls_key(other).has_value() == ((1u << bit) == kNoDictionaryAttackProtection));
  }
}

TEST_CASE("an endorsement key posing as an attestation key is refused") {
  for (const std::string_view hex : {kGoldenEndorsementRsa, kGoldenEndorsementP256, kGoldenEndorsementP384}) {
    const auto endorsement = parse_public_area(golden(hex));
    CHECK(unfit(*endorsement));
    CHECK_FALSE(require_tls_key(*endorsement));
  }
}

TEST_CASE("an attestation key on another curve, by another hash or scheme, or under a policy is refused") {
  CHECK(unfit(changed(kAttestation, [](PublicArea& area) { area.key = key_of(KeyKind::EcP384); })));
  CHECK(unfit(changed(kAttestation, [](PublicArea& area) { area.name_algorithm = HashAlgorithm::Sha1; })));
  CHECK(unfit(changed(kAttestation, [](PublicArea& area) { area.scheme.reset(); })));
  CHECK(unfit(changed(kAttestation, [](PublicArea& area) { area.scheme->hash = HashAlgorithm::Sha1; })));
  CHECK(unfit(changed(kAttestation, [](PublicArea& area) { area.auth_policy = Blob(32); })));
  CHECK(unfit(changed(kAttestation, [](PublicArea& area) { area.aes_bits = std::uint16_t{128}; })));
}

TEST_CASE("a refusal names the attributes that were expected and seen") {
  const auto refused = require_attestation_key(kTls);
  CHECK(refused.error().message ==
        "attestation key: expected the attributes "
        "fixedTPM+fixedParent+sensitiveDataOrigin+userWithAuth+restricted+sign, saw "
        "fixedTPM+fixedParent+sensitiveDataOrigin+userWithAuth+sign");
}

TEST_CASE("a TLS key may name ECDSA with SHA-256 as its scheme, nothing else") {
  const auto with = [](SigningScheme scheme) {
    return require_tls_key(changed(kTls, [&](PublicArea& area) { area.scheme = scheme; })).has_value();
  };
  CHECK(with({SchemeKind::Ecdsa, HashAlgorithm::Sha256}));
  CHECK_FALSE(with({SchemeKind::Ecdsa, HashAlgorithm::Sha1}));
}

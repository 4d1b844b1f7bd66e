#include "trust/tpm/credential.h"

#include <doctest/doctest.h>

#include "trust/tpm/endorsement.h"
#include "trust/tpm/golden_test.h"

using namespace holdfast;
using namespace holdfast::trust;
using namespace holdfast::trust::tpm;
using crypto::KeyKind;
using crypto::PrivateKey;

namespace {

const Blob kEntropy(kCredentialEntropyBytes, 0x5A);
const Blob kSecret = to_blob(as_bytes("a secret of thirty-two bytes, ok"));
const Blob kName = golden(kGoldenAttestationKeyName);

struct Endorsement {
  PrivateKey key;
  PublicArea area;
};

Endorsement endorsement_of(PrivateKey key) {
  PublicArea area = *endorsement_area(key.public_key());
  return {std::move(key), std::move(area)};
}

Endorsement ecc(KeyKind curve, std::uint8_t seed = 1) {
  return endorsement_of(*PrivateKey::ec_from_entropy(curve, Blob(64, seed)));
}

Endorsement rsa() { return endorsement_of(*PrivateKey::generate_rsa2048()); }

bool opens(const Endorsement& endorsement, Bytes name, const Credential& credential) {
  const auto secret =
      open_credential(endorsement.area, endorsement.key, name, credential.credential_blob, credential.encrypted_secret);
  return secret && secret->matches(kSecret);
}

void check_binding(const Endorsement& endorsement, const Endorsement& other) {
  REQUIRE(kSecret.size() == kCredentialSecretBytesMax);
  const Credential credential = *make_credential(endorsement.area, kName, kSecret, kEntropy);
  CHECK(opens(endorsement, kName, credential));
  CHECK_FALSE(opens(other, kName, credential));

  Blob other_name = kName;
  other_name.back() ^= 1;
  const auto refused = open_credential(endorsement.area, endorsement.key, other_name, credential.credential_blob,
                                       credential.encrypted_secret);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == kCredentialWrong);
}

}  // namespace

TEST_CASE("a credential opens for its endorsement key and its name alone") {
  SUBCASE("RSA-2048") { check_binding(rsa(), rsa()); }
  SUBCASE("P-256") { check_binding(ecc(KeyKind::EcP256), ecc(KeyKind::EcP256, 2)); }
  SUBCASE("P-384") { check_binding(ecc(KeyKind::EcP384), ecc(KeyKind::EcP384, 2)); }
}

TEST_CASE("a credential changed in any byte, cut or lengthened does not open") {
  const Endorsement endorsement = ecc(KeyKind::EcP256);
  const Credential credential = *make_credential(endorsement.area, kName, kSecret, kEntropy);
  for (const auto part : {&Credential::credential_blob, &Credential::encrypted_secret}) {
    for (std::size_t i = 0; i < (credential.*part).size(); ++i) {
      Credential changed = credential;
      (changed.*part)[i] ^= 1;
      CHECK_FALSE(opens(endorsement, kName, changed));
      Credential cut = credential;
      (cut.*part).resize(i);
      CHECK_FALSE(opens(endorsement, kName, cut));
    }
    Credential lengthened = credential;
    (lengthened.*part).push_back(0);
    CHECK_FALSE(opens(endorsement, kName, lengthened));
  }
}

TEST_CASE("the same entropy makes the same credential on a curve, other entropy another") {
  const Endorsement endorsement = ecc(KeyKind::EcP384);
  const Credential one = *make_credential(endorsement.area, kName, kSecret, kEntropy);
  const Credential again = *make_credential(endorsement.area, kName, kSecret, kEntropy);
  const Credential other = *make_credential(endorsement.area, kName, kSecret, Blob(kCredentialEntropyBytes, 1));
  CHECK(one.credential_blob == again.credential_blob);
  CHECK(one.encrypted_secret == again.encrypted_secret);
  CHECK(one.encrypted_secret != other.encrypted_secret);
}

TEST_CASE("a short secret is returned at its own length") {
  const Endorsement endorsement = ecc(KeyKind::EcP256);
  const Credential credential = *make_credential(endorsement.area, kName, as_bytes("x"), kEntropy);
  const auto secret = open_credential(endorsement.area, endorsement.key, kName, credential.credential_blob,
                                      credential.encrypted_secret);
  REQUIRE(secret);
  CHECK(as_text(secret->expose()) == "x");
}

TEST_CASE("a signing key cannot take the place of an endorsement key") {
  const auto attestation_key = parse_public_area(golden(kGoldenAttestationKey));
  const auto credential = make_credential(*attestation_key, kName, kSecret, kEntropy);
  REQUIRE_FALSE(credential);
  CHECK(credential.error().reason == kCredentialUnsupported);
}

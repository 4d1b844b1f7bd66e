#include "trust/tpm/endorsement.h"

#include <doctest/doctest.h>

#include "trust/tpm/golden_test.h"

using namespace holdfast;
using namespace holdfast::trust;
using namespace holdfast::trust::tpm;

TEST_CASE("the area rebuilt from the key alone is the one that the TPM holds") {
  for (const std::string_view hex : {kGoldenEndorsementRsa, kGoldenEndorsementP256, kGoldenEndorsementP384}) {
    const auto held = parse_public_area(golden(hex));
    const auto key = crypto::PublicKey::from_spki(held->key.spki());
    const auto rebuilt = endorsement_area(*key);
    REQUIRE(rebuilt);
    CHECK(rebuilt->bytes == held->bytes);
    CHECK(name_of(*rebuilt) == name_of(*held));
  }
}

TEST_CASE("a doctored public area does not survive: the template's attributes come back") {
  auto sent = *parse_public_area(golden(kGoldenEndorsementP256));
  sent.attributes ^= kUserWithAuth;
  sent.auth_policy[0] ^= 1;
  CHECK(endorsement_area(sent.key)->bytes == golden(kGoldenEndorsementP256));
}

TEST_CASE("keys without a template are refused") {
  const auto refused = [](const crypto::PublicKey& key) {
    const auto area = endorsement_area(key);
    return !area && area.error().reason == kEndorsementKeyUnsupported;
  };
  CHECK(refused(*crypto::PublicKey::from_rsa(Blob(384, 0xFF), 65537)));
  CHECK(refused(*crypto::PublicKey::from_rsa(Blob(256, 0xFF), 3)));
  CHECK(refused(*crypto::PublicKey::from_ed25519(Blob(32, 1))));
}

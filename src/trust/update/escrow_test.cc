#include "trust/update/escrow.h"

#include <doctest/doctest.h>

#include "fails_with.h"
#include "signed_boots.h"
#include "trust/update/seal_words.h"

namespace holdfast::trust::update {

TEST_CASE("what owns a chip opens with the key that it was escrowed to, and no other") {
  const auto key = holder(7);
  const ChipPasswords passwords{Secret(Blob(kChipPasswordBytes, 1)), Secret(Blob(kChipPasswordBytes, 2))};
  const auto escrow = escrow_passwords(key.public_key(), Blob(crypto::kHpkeEntropyBytes, 5), passwords);
  REQUIRE(escrow);
  CHECK(escrow->size() == kEscrowBytes);
  const auto opened = open_escrow(key, *escrow);
  REQUIRE(opened);
  CHECK(equal(opened->owner.expose(), passwords.owner.expose()));
  CHECK(equal(opened->lockout.expose(), passwords.lockout.expose()));
  CHECK(fails_with(open_escrow(holder(8), *escrow), crypto::kHpkeUnopened));
  CHECK(fails_with(open_escrow(key, Bytes(*escrow).first(80)), crypto::kHpkeUnopened));
}

TEST_CASE("a device escrows to nobody whom the system's authority did not name") {
  const auto authority = holder(7);
  const auto owner = holder(9);
  GoodBoot boot{"os", authority.public_key().spki_sha256(), seal_words_by(7, "os", 3, {})};
  CHECK_FALSE(verify_escrow(boot)->has_value());
  const Blob key = owner.public_key().spki();
  boot.words.escrow = EscrowWord{key, *authority.sign(crypto::HashAlgorithm::Sha256, escrow_part(key))};
  REQUIRE(verify_escrow(boot));
  CHECK((**verify_escrow(boot)).spki() == key);
  GoodBoot others = boot;
  others.authority_sha256 = owner.public_key().spki_sha256();
  CHECK(fails_with(verify_escrow(others), kEscrowUnsigned));
  boot.words.escrow->key = holder(10).public_key().spki();
  CHECK(fails_with(verify_escrow(boot), kEscrowUnsigned));
  boot.words.escrow->key = key;
  boot.words.escrow->signature = *owner.sign(crypto::HashAlgorithm::Sha256, escrow_part(key));
  CHECK(fails_with(verify_escrow(boot), kEscrowUnsigned));
}

TEST_CASE("seal words carry the key that is escrowed to") {
  SealWords words = seal_words_by(7, "os", 3, {});
  words.escrow = EscrowWord{Blob(91, 1), Blob(70, 2)};
  CHECK((*parse_seal_words(*make_seal_words(words)) == words));
}

}  // namespace holdfast::trust::update

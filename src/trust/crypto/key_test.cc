#include <doctest/doctest.h>

#include "base/encoding.h"
#include "trust/crypto/cipher.h"
#include "trust/crypto/key.h"

using namespace holdfast;
using namespace holdfast::trust::crypto;

namespace {
PrivateKey key_from(std::uint8_t seed, KeyKind kind = KeyKind::EcP256) {
  return *PrivateKey::ec_from_entropy(kind, Blob(kind == KeyKind::EcP256 ? 48 : 64, seed));
}
}  // namespace

TEST_CASE("a P-256 signature verifies under its own key alone") {
  const PrivateKey key = key_from(7);
  const Blob signature = *key.sign(HashAlgorithm::Sha256, as_bytes("hello"));
  CHECK(key.public_key().verify(HashAlgorithm::Sha256, as_bytes("hello"), signature));
  CHECK_FALSE(key.public_key().verify(HashAlgorithm::Sha256, as_bytes("hellO"), signature));
  CHECK_FALSE(key_from(8).public_key().verify(HashAlgorithm::Sha256, as_bytes("hello"), signature));
}

TEST_CASE("a public key survives its SubjectPublicKeyInfo") {
  for (const KeyKind kind : {KeyKind::EcP256, KeyKind::EcP384}) {
    const PrivateKey key = key_from(3, kind);
    const auto again = PublicKey::from_spki(key.public_key().spki());
    REQUIRE(again);
    CHECK(again->kind() == kind);
    CHECK(again->spki() == key.public_key().spki());
  }
  const PrivateKey rsa = *PrivateKey::generate_rsa2048();
  const auto rebuilt = PublicKey::from_rsa(*rsa.public_key().rsa_modulus(), rsa.public_key().rsa_exponent());
  REQUIRE(rebuilt);
  CHECK(rebuilt->spki() == rsa.public_key().spki());
}

TEST_CASE("a point off the curve is refused") {
  const auto point = *key_from(3).public_key().point();
  auto off = point;
  off.y.back() ^= 1;
  CHECK(PublicKey::from_point(KeyKind::EcP256, off).error().reason == kKeyMalformed);
  CHECK(PublicKey::from_point(KeyKind::EcP256, {Blob(32), Blob(32)}).error().reason == kKeyMalformed);
  Blob spki = key_from(3).public_key().spki();
  spki.back() ^= 1;
  CHECK_FALSE(PublicKey::from_spki(spki));
}

TEST_CASE("a private key survives PKCS#8 and DER signatures survive their scalars") {
  const PrivateKey key = key_from(9);
  const auto again = PrivateKey::from_pkcs8(key.to_pkcs8().expose());
  REQUIRE(again);
  CHECK(again->public_key().spki() == key.public_key().spki());
  const Blob signature = *key.sign(HashAlgorithm::Sha256, as_bytes("x"));
  const auto scalars = ecdsa_from_der(signature, 32);
  REQUIRE(scalars);
  CHECK(*ecdsa_to_der(scalars->r, scalars->s) == signature);
}

TEST_CASE("OAEP opens under the same label alone; two keys agree") {
  const PrivateKey rsa = *PrivateKey::generate_rsa2048();
  const Blob sealed = *rsa.public_key().encrypt_oaep(HashAlgorithm::Sha256, as_bytes("IDENTITY"), as_bytes("seed"));
  CHECK(rsa.decrypt_oaep(HashAlgorithm::Sha256, as_bytes("IDENTITY"), sealed)->matches(as_bytes("seed")));
  CHECK_FALSE(rsa.decrypt_oaep(HashAlgorithm::Sha256, as_bytes("OTHER"), sealed));
  const PrivateKey a = key_from(1);
  const PrivateKey b = key_from(2);
  CHECK(a.agree(b.public_key())->matches(b.agree(a.public_key())->expose()));
  CHECK_FALSE(a.agree(rsa.public_key()));
}

TEST_CASE("a sealed value opens unchanged, in its context, under its key, or not at all") {
  const Blob key(32, 5);
  const Blob sealed = seal(key, {1, 2, 3}, as_bytes("row 1"), as_bytes("secret"));
  CHECK(unseal(key, as_bytes("row 1"), sealed)->matches(as_bytes("secret")));
  CHECK(unseal(key, as_bytes("row 2"), sealed).error().reason == kSealBroken);
  CHECK(unseal(Blob(32, 6), as_bytes("row 1"), sealed).error().reason == kSealBroken);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Blob changed = sealed;
    changed[i] ^= 1;
    CHECK_FALSE(unseal(key, as_bytes("row 1"), changed));
  }
  CHECK_FALSE(unseal(key, as_bytes("row 1"), Bytes(sealed).first(20)));
}

TEST_CASE("AES-CFB gives back what went in") {
  for (const std::size_t size : {16u, 32u}) {
    const Blob key(size, 9);
    const Blob text = to_blob(as_bytes("thirty-three bytes of credential!"));
    CHECK(aes_cfb_decrypt(key, aes_cfb_encrypt(key, text)) == text);
  }
}

TEST_CASE("HMAC-SHA-256 gives RFC 4231 test case 2") {
  CHECK(to_hex(hmac(HashAlgorithm::Sha256, as_bytes("Jefe"), {as_bytes("what do ya want for nothing?")})) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

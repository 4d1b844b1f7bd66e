#include "trust/crypto/hpke.h"

#include <doctest/doctest.h>

#include "base/encoding.h"
#include "fails_with.h"

namespace holdfast::trust::crypto {
namespace {

/// RFC 9180, appendix A.3.1: the recipient's key as PKCS#8 around its scalar and point.
PrivateKey recipient() {
  const std::string scalar = "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2";
  const std::string point =
      "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d"
      "128"
      "aafd68a2ce72ea0";
  const auto der = from_hex("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420" + scalar +
                            "a144034200" + point);
  REQUIRE(der);
  auto key = PrivateKey::from_pkcs8(*der);
  REQUIRE(key);
  return *std::move(key);
}

const std::string kEncapsulated =
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfc"
    "b93"
    "82657222d18c4";
const std::string kCiphertext =
    "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434";

}  // namespace

TEST_CASE("what RFC 9180 sealed in its appendix A.3.1 is opened") {
  const Blob info = *from_hex("4f6465206f6e2061204772656369616e2055726e");
  const Blob associated = *from_hex("436f756e742d30");
  const Blob sealed = *from_hex(kEncapsulated + kCiphertext);
  const auto opened = hpke_open(recipient(), info, associated, sealed);
  REQUIRE(opened);
  CHECK(to_text(opened->expose()) == "Beauty is truth, truth beauty");
}

TEST_CASE("what is sealed opens with its key and in its context alone, unchanged") {
  const PrivateKey key = recipient();
  const PrivateKey other = *PrivateKey::ec_from_entropy(KeyKind::EcP256, Blob(48, 3));
  const Blob sealed =
      *hpke_seal(key.public_key(), Blob(kHpkeEntropyBytes, 7), as_bytes("one"), as_bytes("a"), as_bytes("secret"));
  CHECK(sealed.size() == kHpkeOverheadBytes + 6);
  CHECK(to_text(hpke_open(key, as_bytes("one"), as_bytes("a"), sealed)->expose()) == "secret");
  CHECK(fails_with(hpke_open(other, as_bytes("one"), as_bytes("a"), sealed), kHpkeUnopened));
  CHECK(fails_with(hpke_open(key, as_bytes("two"), as_bytes("a"), sealed), kHpkeUnopened));
  CHECK(fails_with(hpke_open(key, as_bytes("one"), as_bytes("b"), sealed), kHpkeUnopened));
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    Blob changed = sealed;
    changed[at] ^= 1;
    CHECK(fails_with(hpke_open(key, as_bytes("one"), as_bytes("a"), changed), kHpkeUnopened));
  }
  CHECK(fails_with(hpke_open(key, as_bytes("one"), as_bytes("a"), Bytes(sealed).first(kHpkeOverheadBytes - 1)),
                   kHpkeUnopened));
  const PrivateKey large = *PrivateKey::ec_from_entropy(KeyKind::EcP384, Blob(64, 3));
  CHECK(fails_with(hpke_seal(large.public_key(), Blob(kHpkeEntropyBytes, 7), {}, {}, as_bytes("x")), kKeyUnsupported));
}

}  // namespace holdfast::trust::crypto

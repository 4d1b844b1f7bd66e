#include "trust/tuf/key.h"

#include <doctest/doctest.h>

#include "owner_keys.h"

namespace holdfast::trust::tuf {
namespace {

json::Value with_public(json::Value document, std::string text) {
  document.set("keyval", json::Object{{"public", std::move(text)}});
  return document;
}

std::string public_text(const Key& key) { return *key.document.find("keyval")->find("public")->text(); }

}  // namespace

TEST_CASE("a key survives its document") {
  const Key made = tuf_key(1);
  CHECK(made.scheme == "ecdsa-sha2-nistp256");
  CHECK(made.id.size() == kKeyIdBytes);
  const auto read = parse_key(made.document);
  REQUIRE(read);
  CHECK(read->id == made.id);
  CHECK(read->key->spki() == holder_key(1).spki());
}

TEST_CASE("PEM is read in its one form") {
  const Key key = tuf_key(2);
  const std::string pem = public_text(key);
  CHECK(spki_from_pem(pem));
  CHECK(spki_from_pem(pem.substr(0, pem.size() - 1)));  // other writers leave the last newline out
  CHECK_FALSE(spki_from_pem(""));
  CHECK_FALSE(spki_from_pem("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----"));
  CHECK_FALSE(spki_from_pem(" " + pem));
  CHECK_FALSE(spki_from_pem(pem + "\n"));
  std::string wrapped = pem;
  wrapped.insert(wrapped.begin() + 40, '\n');
  CHECK_FALSE(spki_from_pem(wrapped));
}

TEST_CASE("a malformed key of a known kind is refused") {
  const Key key = tuf_key(1);
  CHECK(parse_key(with_public(key.document, "no PEM")).error().reason == kTufKeyMalformed);
  CHECK_FALSE(parse_key(json::Object{{"keytype", "ecdsa"}}));
  json::Value rsa = key.document;
  rsa.set("keytype", "rsa").set("scheme", "rsassa-pss-sha256");
  CHECK(parse_key(rsa).error().reason == kTufKeyMalformed);
}

TEST_CASE("a key of an unknown kind is kept and verifies nothing") {
  const auto key = parse_key(
      json::Object{{"keytype", "ml-dsa"}, {"scheme", "ml-dsa-65"}, {"keyval", json::Object{{"public", "00"}}}});
  REQUIRE(key);
  CHECK_FALSE(key->key);
  CHECK(verify(*key, as_bytes("message"), as_bytes("signature")).error().reason == crypto::kSignatureWrong);
}

TEST_CASE("a P-384 key cannot become an owner's key") {
  const auto key = crypto::PrivateKey::ec_from_entropy(crypto::KeyKind::EcP384, Blob(64, 7));
  REQUIRE(key);
  CHECK(make_key(key->public_key()).error().reason == kTufKeyMalformed);
}

}  // namespace holdfast::trust::tuf

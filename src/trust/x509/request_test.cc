#include "trust/x509/request.h"

#include "trust/x509/der.h"
#include "trust/x509/forged_test.h"

using namespace holdfast;
using namespace holdfast::trust::x509;

namespace {
Blob request_by(const PrivateKey& key, const trust::crypto::PublicKey& named) {
  const Blob tbs = request_to_be_signed(named, "orchard", "hf-0000");
  return assemble_request(tbs, *key.sign(HashAlgorithm::Sha256, tbs));
}
}  // namespace

TEST_CASE("a request gives the key that signed it") {
  const PrivateKey key = key_from(1);
  const auto request = parse_request(request_by(key, key.public_key()));
  REQUIRE(request);
  CHECK(request->key.spki() == key.public_key().spki());
  const Blob nameless = request_to_be_signed(key.public_key(), "", "");
  CHECK(parse_request(assemble_request(nameless, *key.sign(HashAlgorithm::Sha256, nameless))));
}

TEST_CASE("a request for somebody else's key is refused") {
  CHECK(parse_request(request_by(key_from(1), key_from(2).public_key())).error().reason == kRequestUnproven);
}

TEST_CASE("a request with any byte changed is refused") {
  const PrivateKey key = key_from(1);
  const Blob request = request_by(key, key.public_key());
  for (std::size_t i = 0; i < request.size(); ++i) {
    Blob changed = request;
    changed[i] ^= 1;
    CAPTURE(i);
    CHECK_FALSE(parse_request(changed));
  }
}

TEST_CASE("a request that is short, long, or none is refused") {
  const PrivateKey key = key_from(1);
  Blob request = request_by(key, key.public_key());
  CHECK(parse_request(Bytes(request).first(request.size() - 1)).error().reason == kRequestMalformed);
  request.push_back(0);
  CHECK(parse_request(request).error().reason == kRequestMalformed);
  CHECK(parse_request({}).error().reason == kRequestMalformed);
  CHECK(parse_request(Blob(kRequestBytesMax + 1)).error().reason == kRequestMalformed);
}

TEST_CASE("a request gives the name in it, and is read in its shortest form alone") {
  const PrivateKey key = key_from(1);
  const Blob der = request_by(key, key.public_key());
  CHECK(parse_request(der)->common_name == "hf-0000");
  // The same with its outer length in a longer form, which is not DER.
  Blob longer = der;
  REQUIRE(longer[1] == 0x81);
  longer[1] = 0x82;
  longer.insert(longer.begin() + 2, 0);
  CHECK_FALSE(parse_request(longer));
}

TEST_CASE("a request may leave its attributes out") {
  const PrivateKey key = key_from(1);
  const auto& named = key.public_key();
  const Bytes none = {};
  const Blob bare = der_sequence({der_integer(0), der_sequence({none}), named.spki()});
  CHECK(parse_request(assemble_request(bare, *key.sign(HashAlgorithm::Sha256, bare))));
  const Blob other = der_sequence({der_integer(0), der_sequence({none}), named.spki(), der_integer(1)});
  CHECK_FALSE(parse_request(assemble_request(other, *key.sign(HashAlgorithm::Sha256, other))));
}

TEST_CASE("a request for another kind of key is refused") {
  const PrivateKey key = *PrivateKey::ec_from_entropy(trust::crypto::KeyKind::EcP384, Blob(64, 1));
  CHECK(parse_request(request_by(key, key.public_key())).error().reason == kRequestMalformed);
}

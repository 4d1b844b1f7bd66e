#include "trust/tuf/envelope.h"

#include <doctest/doctest.h>

#include "owner_keys.h"

namespace holdfast::trust::tuf {
namespace {

Envelope document() { return *make_envelope(json::Object{{"_type", "test"}, {"text", "a\nb"}}); }

std::vector<Key> keys_of(std::initializer_list<std::uint8_t> numbers) {
  std::vector<Key> out;
  for (const std::uint8_t number : numbers) out.push_back(tuf_key(number));
  return out;
}

Role role_of(const std::vector<Key>& keys, std::int64_t threshold) {
  Role role{.key_ids = {}, .threshold = threshold};
  for (const Key& key : keys) role.key_ids.push_back(key.id);
  return role;
}

}  // namespace

TEST_CASE("an envelope survives being published") {
  const Envelope made = signed_by(document(), {1, 2});
  const auto read = parse_envelope(dump_envelope(made));
  REQUIRE(read);
  CHECK(read->to_be_signed == made.to_be_signed);
  CHECK(signers(*read, keys_of({1, 2, 3}), role_of(keys_of({1, 2, 3}), 1)).size() == 2);
}

TEST_CASE("holders sign one after another, and apart") {
  const auto keys = keys_of({1, 2, 3});
  const Role role = role_of(keys, 2);
  Envelope first = signed_by(document(), {1});
  CHECK(require_threshold(first, keys, role).error().reason == kThresholdMissed);
  CHECK(require_threshold(signed_by(first, {3}), keys, role));
  REQUIRE(merge_signatures(first, signed_by(document(), {2})));
  CHECK(require_threshold(first, keys, role));
}

TEST_CASE("signatures of another document are not merged") {
  Envelope first = document();
  const Envelope other = *make_envelope(json::Object{{"_type", "other"}});
  CHECK(merge_signatures(first, other).error().reason == kEnvelopesDiffer);
}

TEST_CASE("a signature that does not verify is not taken in") {
  Envelope envelope = document();
  const auto signature = holder(1).sign(crypto::HashAlgorithm::Sha256, as_bytes("something else"));
  CHECK_FALSE(add_signature(envelope, tuf_key(1), *signature));
  CHECK(envelope.signatures.empty());
}

TEST_CASE("signing twice counts once") {
  const auto keys = keys_of({1, 2});
  CHECK(require_threshold(signed_by(document(), {1, 1}), keys, role_of(keys, 2)).error().reason == kThresholdMissed);
}

TEST_CASE("a key id twice among the signatures is refused") {
  Envelope envelope = signed_by(document(), {1});
  envelope.signatures.push_back(envelope.signatures.front());
  CHECK(parse_envelope(dump_envelope(envelope)).error().reason == kEnvelopeMalformed);
}

TEST_CASE("one key under two ids counts once") {
  Key alias = tuf_key(1);
  std::string pem = *alias.document.find("keyval")->find("public")->text();
  pem.pop_back();  // the same key, written with another id
  alias.document.set("keyval", json::Object{{"public", pem}});
  alias = *parse_key(alias.document);
  REQUIRE(alias.id != tuf_key(1).id);
  const std::vector<Key> keys{tuf_key(1), alias};
  Envelope envelope = signed_by(document(), {1});
  REQUIRE(add_signature(envelope, alias, envelope.signatures.front().signature));
  CHECK(envelope.signatures.size() == 2);
  CHECK(require_threshold(envelope, keys, role_of(keys, 2)).error().reason == kThresholdMissed);
}

TEST_CASE("a key id twice in a role counts once") {
  const auto keys = keys_of({1});
  Role role = role_of(keys, 2);
  role.key_ids.push_back(role.key_ids.front());
  CHECK(require_threshold(signed_by(document(), {1}), keys, role).error().reason == kThresholdMissed);
}

TEST_CASE("a threshold of zero is refused") {
  const auto keys = keys_of({1});
  CHECK(require_threshold(document(), keys, role_of(keys, 0)).error().reason == kRoleMalformed);
}

TEST_CASE("signatures of keys outside the role do not count") {
  const auto keys = keys_of({1, 2});
  CHECK_FALSE(require_threshold(signed_by(document(), {2}), keys, role_of(keys_of({1}), 1)));
}

TEST_CASE("a document changed after signing is refused") {
  Envelope envelope = signed_by(document(), {1});
  std::string text = to_text(dump_envelope(envelope));
  text.replace(text.find("test"), 4, "tesT");
  const auto changed = parse_envelope(as_bytes(text));
  REQUIRE(changed);
  CHECK_FALSE(require_threshold(*changed, keys_of({1}), role_of(keys_of({1}), 1)));
}

TEST_CASE("what is no envelope is refused") {
  for (const char* text :
       {"", "[]", "{}", R"({"signed":{}})", R"({"signed":[],"signatures":[]})",
        R"({"signed":{"a":1.5},"signatures":[]})", R"({"signed":{"a":1,"a":2},"signatures":[]})",
        R"({"signed":{},"signatures":[{"keyid":"x","sig":"zz"}]})", R"({"signed":{},"signatures":[{"keyid":"x"}]})"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_envelope(as_bytes(text)));
  }
  CHECK_FALSE(parse_envelope(Blob(kEnvelopeBytesMax + 1, ' ')));
}

TEST_CASE("what stands beside the signed part, and in signatures, is passed over") {
  const auto envelope = parse_envelope(
      as_bytes(R"({"signatures":[{"keyid":"ab","sig":"","method":"x"}],"signed":{"a":1},"note":{"version":99}})"));
  REQUIRE(envelope);
  REQUIRE(envelope->signatures.size() == 1);
  CHECK(envelope->signatures.front().signature.empty());
  CHECK(as_text(envelope->to_be_signed) == R"({"a":1})");
  CHECK(as_text(dump_envelope(*envelope)).find("note") == std::string::npos);
}

}  // namespace holdfast::trust::tuf

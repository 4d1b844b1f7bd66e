#include "trust/tuf/root.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/encoding.h"
#include "owner_keys.h"

namespace holdfast::trust::tuf {
namespace {

const WallTime kExpires = *parse_rfc3339("2036-01-01T00:00:00Z");

RootDraft draft(std::int64_t version, std::initializer_list<std::uint8_t> numbers, std::int64_t threshold) {
  std::vector<crypto::PublicKey> keys;
  for (const std::uint8_t number : numbers) keys.push_back(holder_key(number));
  RootDraft out = first_root(std::move(keys), threshold, kExpires);
  out.version = version;
  return out;
}

Blob published(const RootDraft& root, std::initializer_list<std::uint8_t> holders) {
  return dump_envelope(signed_by(*make_root(root), holders));
}

/// A signed document that was written by hand.
Blob forged(const RootDraft& root, void (*change)(json::Value&), std::initializer_list<std::uint8_t> holders) {
  json::Value document = make_root(root)->signed_part;
  change(document);
  return dump_envelope(signed_by(*make_envelope(std::move(document)), holders));
}

Result<Verified<Root>> pinned(const Blob& root) { return verify_pinned_root(root, root_digest(root)); }

Reason refusal(const Blob& root) {
  const auto verified = pinned(root);
  REQUIRE_FALSE(verified);
  return verified.error().reason;
}

}  // namespace

TEST_CASE("the first root is the one that the ticket pins") {
  const Blob root = published(draft(1, {1}, 1), {1});
  const auto verified = pinned(root);
  REQUIRE(verified);
  CHECK((*verified)->version == 1);
  CHECK((*verified)->digest == root_digest(root));
  CHECK((*verified)->role(RoleName::Timestamp).threshold == 1);
  Blob respaced = root;
  respaced.push_back(' ');
  CHECK(verify_pinned_root(respaced, root_digest(root)).error().reason == kRootNotPinned);
}

TEST_CASE("a root that its own threshold did not sign is refused although it is pinned") {
  CHECK(refusal(published(draft(1, {1, 2, 3}, 2), {1})) == kThresholdMissed);
  CHECK(refusal(published(draft(1, {1, 2, 3}, 2), {1, 4})) == kThresholdMissed);
  CHECK(pinned(published(draft(1, {1, 2, 3}, 2), {1, 3})));
}

TEST_CASE("the next root needs the old threshold and the new one") {
  const auto first = pinned(published(draft(1, {1, 2}, 2), {1, 2}));
  REQUIRE(first);
  const RootDraft next = draft(2, {2, 3}, 2);
  CHECK(verify_next_root(published(next, {1, 2, 3}), *first));
  CHECK(verify_next_root(published(next, {2, 3}), *first).error().reason == kThresholdMissed);
  CHECK(verify_next_root(published(next, {1, 2}), *first).error().reason == kThresholdMissed);
}

TEST_CASE("a root is neither skipped nor repeated nor rolled back") {
  const auto first = pinned(published(draft(2, {1}, 1), {1}));
  REQUIRE(first);
  for (const std::int64_t version : {1, 2, 4, 1'000'000}) {
    CAPTURE(version);
    CHECK(verify_next_root(published(draft(version, {1}, 1), {1}), *first).error().reason == kRootVersionWrong);
  }
}

TEST_CASE("a chain is walked from the pinned root to the last, whatever came before") {
  std::vector<Blob> chain{published(draft(1, {1}, 1), {1}), published(draft(2, {2}, 1), {1, 2}),
                          published(draft(3, {3}, 1), {2, 3})};
  CHECK((*verify_root_chain(chain, root_digest(chain[0])))->version == 3);
  CHECK((*verify_root_chain(chain, root_digest(chain[2])))->version == 3);
  chain[0] = to_blob(as_bytes("noise before the pinned root is not read"));
  CHECK((*verify_root_chain(chain, root_digest(chain[1])))->version == 3);
  CHECK(verify_root_chain(chain, Digest256{}).error().reason == kRootNotPinned);
  CHECK(verify_root_chain({}, Digest256{}).error().reason == kRootNotPinned);
  std::swap(chain[1], chain[2]);
  CHECK(verify_root_chain(chain, root_digest(chain[1])).error().reason == kRootVersionWrong);
}

TEST_CASE("an expired root in the middle of a chain does not stop it") {
  RootDraft old = draft(1, {1}, 1);
  old.expires = *parse_rfc3339("1999-01-01T00:00:00Z");
  const std::vector<Blob> chain{published(old, {1}), published(draft(2, {1}, 1), {1})};
  const auto last = verify_root_chain(chain, root_digest(chain[0]));
  REQUIRE(last);
  CHECK(require_unexpired("root", (*last)->expires, *parse_rfc3339("2035-12-31T23:59:59Z")));
  CHECK(require_unexpired("root", (*last)->expires, kExpires).error().reason == kMetadataExpired);
}

TEST_CASE("a threshold of zero, or one above the number of keys, is refused") {
  CHECK(make_root(draft(1, {1}, 0)).error().reason == kRoleMalformed);
  CHECK(make_root(draft(1, {1}, -1)).error().reason == kRoleMalformed);
  CHECK(make_root(draft(1, {1, 2}, 3)).error().reason == kRoleMalformed);
  CHECK_FALSE(make_root(draft(1, {}, 1)));
}

TEST_CASE("one key counted twice is refused") {
  RootDraft twice = draft(1, {1, 1}, 2);
  CHECK(make_root(twice).error().reason == kKeyTwice);
  twice = draft(1, {1, 2}, 2);
  twice.roles[0].keys = {0, 0};
  CHECK(make_root(twice).error().reason == kRoleMalformed);
}

TEST_CASE("one key under two ids is refused") {
  const auto alias = [](json::Value& root) {
    json::Object& keys = *const_cast<json::Value*>(root.find("keys"))->object();
    json::Value other = keys.front().value;
    std::string pem = *other.find("keyval")->find("public")->text();
    pem.pop_back();
    other.set("keyval", json::Object{{"public", pem}});
    keys.emplace_back(parse_key(other)->id, other);
  };
  CHECK(refusal(forged(draft(1, {1}, 1), alias, {1})) == kKeyTwice);
}

TEST_CASE("a key under an id that is not its digest is refused") {
  const auto rename = [](json::Value& root) {
    const_cast<json::Value*>(root.find("keys"))->object()->front().name = std::string(64, '0');
  };
  CHECK(refusal(forged(draft(1, {1}, 1), rename, {1})) == kKeyIdWrong);
}

TEST_CASE("another document signed by the same keys is no root") {
  const auto retype = [](json::Value& root) { root.set("_type", "targets"); };
  CHECK(refusal(forged(draft(1, {1}, 1), retype, {1})) == kMetadataMalformed);
  const auto newer = [](json::Value& root) { root.set("spec_version", "2.0.0"); };
  CHECK(refusal(forged(draft(1, {1}, 1), newer, {1})) == kMetadataMalformed);
}

TEST_CASE("a root of another writer verifies: ecdsa, ed25519 and rsa, and a kind of key yet to come") {
  const auto path = std::filesystem::path(HOLDFAST_SOURCE) / "tests/vectors/golden/tuf_root.json";
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto root = pinned(to_blob(as_bytes(text)));
  REQUIRE(root);
  CHECK((*root)->keys.size() == 4);
  CHECK((*root)->role(RoleName::Root).threshold == 3);
}

}  // namespace holdfast::trust::tuf

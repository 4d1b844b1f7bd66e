#include "trust/tuf/targets.h"

#include <doctest/doctest.h>

#include "base/encoding.h"
#include "tuf_repository.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::uint8_t kMaker = 5;
constexpr std::uint8_t kOther = 6;

template <class T>
Reason refusal(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().reason;
}

Target target_of(std::string_view content) {
  return {static_cast<std::int64_t>(content.size()), {crypto::sha256(as_bytes(content)), {}}, {}};
}

/// Top-level targets that give `os/*` to the maker.
Targets delegating(const TufRepository& repository, std::int64_t version, std::uint8_t holder) {
  Targets out;
  out.header = {version, repository.expires};
  out.keys = {tuf_key(holder)};
  out.delegations = {{"maker", {{tuf_key(holder).id}, 1}, false, {"os/*"}, {}}};
  return out;
}

/// A snapshot that lists these documents as they are.
Verified<Snapshot> listing(const TufRepository& repository, Bytes targets, Bytes maker) {
  const Blob snapshot = repository.snapshot(
      1, {{"targets.json", TufRepository::meta_of(targets, 1)}, {"maker.json", TufRepository::meta_of(maker, 1)}});
  return repository.trusted_snapshot(snapshot, 1);
}

}  // namespace

TEST_CASE("targets say how long a content is and what its digests are") {
  const TufRepository repository;
  const Blob document = repository.targets(1, {{"os/root.erofs", target_of("image")}});
  const auto targets = verify_targets(document, repository.root, listing(repository, document, document));
  REQUIRE(targets);
  const Target& target = (*targets)->targets.at("os/root.erofs");
  CHECK(target.length == 5);
  CHECK(require_hashes("the image", target.hashes, as_bytes("image")));
  CHECK(refusal(require_hashes("the image", target.hashes, as_bytes("imagf"))) == kContentDiffers);
}

TEST_CASE("mix and match: targets are the very document that the snapshot lists") {
  const TufRepository repository;
  const Blob listed = repository.targets(1);
  const auto snapshot = listing(repository, listed, listed);
  const Blob other = repository.targets(1, {{"a", target_of("b")}});
  CHECK(refusal(verify_targets(other, repository.root, snapshot)) == kContentDiffers);
  const Blob newer = repository.targets(2);
  CHECK(refusal(verify_targets(newer, repository.root, listing(repository, newer, newer))) == kMetadataVersionWrong);
  const auto unlisted = repository.trusted_snapshot(repository.snapshot(1, {}), 1);
  CHECK(refusal(verify_targets(listed, repository.root, unlisted)) == kTargetsUnlisted);
}

TEST_CASE("a delegated role speaks by the keys that its delegator names now") {
  const TufRepository repository;
  Targets maker;
  maker.header = {1, repository.expires};
  const Blob role = TufRepository::published(make_targets(maker), {kMaker});
  const Blob top = TufRepository::published(make_targets(delegating(repository, 1, kMaker)), {kTargetsHolder});
  const auto snapshot = listing(repository, top, role);
  const auto delegator = verify_targets(top, repository.root, snapshot);
  REQUIRE(delegator);
  CHECK(verify_delegated_targets(role, *delegator, "maker", snapshot));
  CHECK(refusal(verify_delegated_targets(role, *delegator, "another", snapshot)) == kRoleUndelegated);

  const Blob rotated = TufRepository::published(make_targets(delegating(repository, 1, kOther)), {kTargetsHolder});
  const auto later = listing(repository, rotated, role);
  const auto anew = verify_targets(rotated, repository.root, later);
  REQUIRE(anew);
  CHECK(refusal(verify_delegated_targets(role, *anew, "maker", later)) == kThresholdMissed);
}

TEST_CASE("a delegation with threshold 0, one key twice, a key of nobody, or a name that is taken is refused") {
  const TufRepository repository;
  const auto with = [&](void (*change)(Delegation&)) {
    Targets targets = delegating(repository, 1, kMaker);
    change(targets.delegations.front());
    return refusal(make_targets(targets));
  };
  CHECK(with([](Delegation& one) { one.role.threshold = 0; }) == kRoleMalformed);
  CHECK(with([](Delegation& one) { one.role.threshold = 2; }) == kRoleMalformed);
  CHECK(with([](Delegation& one) { one.role.key_ids.push_back(one.role.key_ids.front()); }) == kRoleMalformed);
  CHECK(with([](Delegation& one) { one.role.key_ids = {tuf_key(kOther).id}; }) == kRoleMalformed);
  CHECK(with([](Delegation& one) { one.name = "snapshot"; }) == kMetadataMalformed);
  CHECK(with([](Delegation& one) { one.name = ""; }) == kMetadataMalformed);
  Targets rude = delegating(repository, 1, kMaker);
  rude.delegations.front().name = "a\n\x1b[2J";
  rude.delegations.front().role.threshold = 0;
  CHECK(make_targets(rude).error().message.find('\x1b') == std::string::npos);
  Targets twice = delegating(repository, 1, kMaker);
  twice.delegations.push_back(twice.delegations.front());
  CHECK(refusal(make_targets(twice)) == kMetadataMalformed);
}

TEST_CASE("a delegation covers the paths of its patterns, or those whose digest begins as it says") {
  CHECK(matches_pattern("os/*", "os/root.erofs"));
  CHECK(matches_pattern("os/*", "os/"));
  CHECK_FALSE(matches_pattern("os/*", "os/a/b"));
  CHECK_FALSE(matches_pattern("os/*", "app/os/x"));
  CHECK(matches_pattern("*/*.tgz", "a/foo-1.tgz"));
  CHECK_FALSE(matches_pattern("*.tgz", "a/foo-1.tgz"));
  CHECK(matches_pattern("foo-version-?.tgz", "foo-version-2.tgz"));
  CHECK_FALSE(matches_pattern("foo-version-?.tgz", "foo-version-10.tgz"));
  CHECK_FALSE(matches_pattern("a?b", "a/b"));
  CHECK(matches_pattern("*a*b*c", "xxaxxbxxbxxc"));
  CHECK_FALSE(matches_pattern("*a*b*c", "xxaxxbxxbxx"));
  CHECK_FALSE(matches_pattern("", "a"));
  const std::string digest = to_hex(crypto::sha256(as_bytes("os/root.erofs")));
  CHECK(Delegation{.name = "bin", .role = {}, .hash_prefixes = {digest.substr(0, 3)}}.covers("os/root.erofs"));
  CHECK_FALSE(Delegation{.name = "bin", .role = {}, .hash_prefixes = {"zz"}}.covers("os/root.erofs"));
  CHECK_FALSE(Delegation{.name = "none", .role = {}}.covers("os/root.erofs"));
}

TEST_CASE("targets come back as they were written") {
  const TufRepository repository;
  Targets targets = delegating(repository, 4, kMaker);
  targets.targets["a"] = target_of("x");
  targets.targets["a"].custom = json::Object{{"component", "os"}};
  targets.delegations.push_back({"bins", {{tuf_key(kMaker).id}, 1}, true, {}, {"0a", "0b"}});
  const Blob document = TufRepository::published(make_targets(targets), {kTargetsHolder});
  const Blob snapshot = repository.snapshot(1, {{"targets.json", TufRepository::meta_of(document, 4)}});
  const auto read = verify_targets(document, repository.root, repository.trusted_snapshot(snapshot, 1));
  REQUIRE(read);
  CHECK((*read)->targets.at("a").custom == targets.targets["a"].custom);
  REQUIRE((*read)->delegations.size() == 2);
  CHECK((*read)->delegations[0].paths == targets.delegations[0].paths);
  CHECK((*read)->delegations[1].hash_prefixes == targets.delegations[1].hash_prefixes);
  CHECK((*read)->delegations[1].terminating);
}

TEST_CASE("what this version cannot use is read, and good for nothing: a threshold out of reach, a digest, a key") {
  const TufRepository repository;
  json::Value document = make_targets(delegating(repository, 1, kMaker))->signed_part;
  json::Value delegations = *document.find("delegations");
  json::Array roles = *delegations.find("roles")->array();
  roles.front().set("threshold", 2);
  delegations.set("roles", std::move(roles));
  const json::Object strange{{"keytype", "sigstore"}, {"scheme", "none"}, {"keyval", json::Object{{"identity", "x"}}}};
  delegations.set("keys", json::Object{{tuf_key(kMaker).id, tuf_key(kMaker).document}, {*key_id(strange), strange}});
  document.set("delegations", std::move(delegations));
  document.set("targets", json::Object{{"a", json::Object{{"length", 1}, {"hashes", json::Object{{"blake3", "00"}}}}}});
  const auto targets = read_targets(*make_envelope(document));
  REQUIRE(targets);
  CHECK(refusal(require_known_hash("a", targets->targets.at("a").hashes)) == kContentMalformed);
  Targets bracketed = delegating(repository, 1, kMaker);
  bracketed.delegations.front().paths = {"os/[ab]"};
  CHECK(refusal(make_targets(bracketed)) == kMetadataMalformed);
}

}  // namespace holdfast::trust::tuf

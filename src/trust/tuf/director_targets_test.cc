#include "trust/tuf/director_targets.h"

#include <doctest/doctest.h>

#include "fails_with.h"
#include "owner_keys.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::uint8_t kOwner = 1;
constexpr std::uint8_t kService = 5;
constexpr std::uint8_t kOther = 6;
const WallTime kExpires = *parse_rfc3339("2036-01-01T00:00:00Z");

Verified<TrustPolicy> policy_with(std::optional<Director> director) {
  const Blob root = dump_envelope(signed_by(*make_root(first_root({holder_key(kOwner)}, 1, kExpires)), {kOwner}));
  TrustPolicy policy;
  policy.catalog = "acme";
  policy.services = {"https://one.example"};
  policy.service_ca = Blob{0x30, 0x00};
  policy.expires = kExpires;
  policy.director = std::move(director);
  const Blob document = dump_envelope(signed_by(*make_trust_policy(policy), {kOwner}));
  return *verify_trust_policy(document, *verify_pinned_root(root, root_digest(root)), "acme", {});
}

Director director_of(std::initializer_list<std::uint8_t> holders, std::int64_t threshold) {
  Director out;
  for (const std::uint8_t holder : holders) {
    out.keys.push_back(tuf_key(holder));
    out.role.key_ids.push_back(out.keys.back().id);
  }
  out.role.threshold = threshold;
  return out;
}

Verified<TrustPolicy> a_policy() { return policy_with(director_of({kService}, 1)); }

DirectorTargets some_targets(std::int64_t version = 3) {
  DirectorTargets out;
  out.catalog = "acme";
  out.device = "hf-one";
  out.version = version;
  out.expires = kExpires;
  out.images["os/2.0/image"].length = 100;
  out.images["os/2.0/image"].sha256.fill(7);
  return out;
}

Blob published(const DirectorTargets& targets, std::initializer_list<std::uint8_t> holders) {
  return dump_envelope(signed_by(*make_director_targets(targets), holders));
}

TEST_CASE("the director's targets are read back as they were signed") {
  const auto read = verify_director_targets(published(some_targets(), {kService}), a_policy(), "hf-one", 3);
  REQUIRE(read);
  CHECK((*read)->version == 3);
  CHECK((*read)->expires == kExpires);
  CHECK((*read)->images == some_targets().images);
}

TEST_CASE("targets that the director did not sign are refused, the owner's signature among them") {
  for (const std::uint8_t holder : {kOther, kOwner}) {
    CHECK(fails_with(verify_director_targets(published(some_targets(), {holder}), a_policy(), "hf-one", 0),
                     kThresholdMissed));
  }
}

TEST_CASE("a director of two keys needs both") {
  const auto policy = policy_with(director_of({kService, kOther}, 2));
  CHECK(fails_with(verify_director_targets(published(some_targets(), {kService}), policy, "hf-one", 0),
                   kThresholdMissed));
  CHECK(verify_director_targets(published(some_targets(), {kService, kOther}), policy, "hf-one", 0));
}

TEST_CASE("under a trust policy without a director nothing is directed") {
  CHECK(fails_with(verify_director_targets(published(some_targets(), {kService}), policy_with({}), "hf-one", 0),
                   kDirectorMissing));
}

TEST_CASE("a director that its keys cannot speak for is no part of a trust policy") {
  TrustPolicy policy = *a_policy();
  policy.director = director_of({kService}, 2);
  CHECK_FALSE(make_trust_policy(policy));
}

TEST_CASE("targets of another device or another catalog are refused") {
  CHECK(fails_with(verify_director_targets(published(some_targets(), {kService}), a_policy(), "hf-two", 0),
                   kDirectorTargetsForeign));
  DirectorTargets foreign = some_targets();
  foreign.catalog = "other";
  CHECK(fails_with(verify_director_targets(published(foreign, {kService}), a_policy(), "hf-one", 0),
                   kDirectorTargetsForeign));
}

TEST_CASE("older targets than those seen are refused: rollback of the director") {
  CHECK(fails_with(verify_director_targets(published(some_targets(2), {kService}), a_policy(), "hf-one", 3),
                   kDirectorTargetsRolledBack));
}

TEST_CASE("an image that the owner did not release with the same bytes is refused") {
  const DirectedImage directed = some_targets().images.begin()->second;
  Target released;
  released.length = directed.length;
  released.hashes.sha256 = directed.sha256;
  CHECK(require_released("os/2.0/image", directed, released));
  CHECK(fails_with(require_released("os/2.0/image", directed, std::nullopt), kImageUnreleased));
  Target longer = released;
  longer.length += 1;
  CHECK(fails_with(require_released("os/2.0/image", directed, longer), kImageUnreleased));
  Target other = released;
  other.hashes.sha256->front() ^= 1;
  CHECK(fails_with(require_released("os/2.0/image", directed, other), kImageUnreleased));
  released.hashes = {};
  CHECK(fails_with(require_released("os/2.0/image", directed, released), kImageUnreleased));
}

}  // namespace
}  // namespace holdfast::trust::tuf

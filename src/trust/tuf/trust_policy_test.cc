#include "trust/tuf/trust_policy.h"

#include <doctest/doctest.h>

#include "owner_keys.h"

namespace holdfast::trust::tuf {
namespace {

const WallTime kExpires = *parse_rfc3339("2036-01-01T00:00:00Z");

Verified<Root> root_of(std::initializer_list<std::uint8_t> numbers, std::int64_t threshold) {
  std::vector<crypto::PublicKey> keys;
  for (const std::uint8_t number : numbers) keys.push_back(holder_key(number));
  const Blob root = dump_envelope(signed_by(*make_root(first_root(std::move(keys), threshold, kExpires)), numbers));
  return *verify_pinned_root(root, root_digest(root));
}

TrustPolicy policy(std::int64_t version) {
  TrustPolicy out;
  out.version = version;
  out.catalog = "acme-meters";
  out.services = {"https://one.example:8443", "https://[::1]:9000"};
  out.service_ca = Blob{0x30, 0x00};
  out.tpm_roots = {Blob{0x30, 0x01, 0x00}};
  out.expires = kExpires;
  return out;
}

Blob published(const TrustPolicy& document, std::initializer_list<std::uint8_t> holders) {
  return dump_envelope(signed_by(*make_trust_policy(document), holders));
}

}  // namespace

TEST_CASE("a trust policy is read back as it was signed") {
  TrustPolicy made = policy(3);
  made.offline = {OfflineAction::StopApplications, days(14)};
  made.owner_gone = OwnerGone::HeirKey;
  made.heir = tuf_key(9);
  made.director = {{tuf_key(7)}, {{tuf_key(7).id}, 1}};
  const auto read = verify_trust_policy(published(made, {1}), root_of({1}, 1), "acme-meters", {});
  REQUIRE(read);
  CHECK((*read)->version == 3);
  CHECK((*read)->services == made.services);
  CHECK((*read)->service_ca == made.service_ca);
  CHECK((*read)->tpm_roots == made.tpm_roots);
  CHECK((*read)->offline == made.offline);
  CHECK((*read)->owner_gone == OwnerGone::HeirKey);
  CHECK((*read)->heir->id == tuf_key(9).id);
  REQUIRE((*read)->director);
  CHECK((*read)->director->role.key_ids == made.director->role.key_ids);
  CHECK((*read)->director->keys.front().id == tuf_key(7).id);
  CHECK((*read)->expires == kExpires);
}

TEST_CASE("a trust policy that the root role did not sign is refused") {
  const auto root = root_of({1, 2}, 2);
  CHECK(verify_trust_policy(published(policy(1), {1}), root, "acme-meters", {}).error().reason == kThresholdMissed);
  CHECK(verify_trust_policy(published(policy(1), {1, 3}), root, "acme-meters", {}).error().reason == kThresholdMissed);
  CHECK(verify_trust_policy(published(policy(1), {1, 2}), root, "acme-meters", {}));
}

TEST_CASE("an older trust policy is refused, the same one is not") {
  const auto root = root_of({1}, 1);
  const Blob second = published(policy(2), {1});
  const auto accepted = verify_trust_policy(second, root, "acme-meters", {});
  REQUIRE(accepted);
  const TrustPolicyPin pin = pin_of(**accepted);
  CHECK(verify_trust_policy(second, root, "acme-meters", pin));
  CHECK(verify_trust_policy(published(policy(3), {1}), root, "acme-meters", pin));
  CHECK(verify_trust_policy(published(policy(1), {1}), root, "acme-meters", pin).error().reason ==
        kTrustPolicyRolledBack);
}

TEST_CASE("two trust policies under one number are refused") {
  const auto root = root_of({1}, 1);
  const auto accepted = verify_trust_policy(published(policy(2), {1}), root, "acme-meters", {});
  REQUIRE(accepted);
  TrustPolicy other = policy(2);
  other.services = {"https://evil.example"};
  CHECK(verify_trust_policy(published(other, {1}), root, "acme-meters", pin_of(**accepted)).error().reason ==
        kTrustPolicyRolledBack);
}

TEST_CASE("another catalog's trust policy is refused") {
  CHECK(verify_trust_policy(published(policy(1), {1}), root_of({1}, 1), "other", {}).error().reason ==
        kTrustPolicyForeign);
}

TEST_CASE("a root is no trust policy") {
  const Blob root = dump_envelope(signed_by(*make_root(first_root({holder_key(1)}, 1, kExpires)), {1}));
  CHECK(verify_trust_policy(root, root_of({1}, 1), "acme-meters", {}).error().reason == kTrustPolicyMalformed);
}

TEST_CASE("a member that this version does not know is refused") {
  json::Value document = make_trust_policy(policy(1))->signed_part;
  document.set("geofence", "here");
  const Blob signed_document = dump_envelope(signed_by(*make_envelope(std::move(document)), {1}));
  CHECK_FALSE(verify_trust_policy(signed_document, root_of({1}, 1), "acme-meters", {}));
}

TEST_CASE("an offline director and a lowered time floor are read back as they were signed") {
  TrustPolicy made = policy(3);
  made.offline_director = OfflineDirector{{{tuf_key(8)}, {{tuf_key(8).id}, 1}}, minutes(10)};
  made.time_floor = LoweredTimeFloor{*parse_rfc3339("2027-03-01T00:00:00Z"), "hf-one"};
  const auto read = verify_trust_policy(published(made, {1}), root_of({1}, 1), "acme-meters", {});
  REQUIRE(read);
  REQUIRE((*read)->offline_director);
  CHECK((*read)->offline_director->director.keys.front().id == tuf_key(8).id);
  CHECK((*read)->offline_director->confirm_after == minutes(10));
  REQUIRE((*read)->time_floor);
  CHECK((*read)->time_floor->time == made.time_floor->time);
  CHECK((*read)->time_floor->device == "hf-one");
}

TEST_CASE("an offline director shares no key with the service's, and confirms neither at once nor for ever") {
  TrustPolicy made = policy(1);
  made.director = {{tuf_key(7)}, {{tuf_key(7).id}, 1}};
  made.offline_director = OfflineDirector{{{tuf_key(8), tuf_key(7)}, {{tuf_key(8).id, tuf_key(7).id}, 2}}, {}};
  CHECK_FALSE(make_trust_policy(made));
  made.offline_director = OfflineDirector{{{tuf_key(8)}, {{tuf_key(8).id}, 1}}, {}};
  CHECK(make_trust_policy(made));
  for (const Duration wrong : {Duration(seconds(9)), Duration(hours(25))}) {
    made.offline_director->confirm_after = wrong;
    CHECK_FALSE(make_trust_policy(made));
  }
}

TEST_CASE("what a device could not act on is not signed in the first place") {
  const auto refused = [](void (*change)(TrustPolicy&)) {
    TrustPolicy changed = policy(1);
    change(changed);
    return !make_trust_policy(changed);
  };
  CHECK(refused([](TrustPolicy& p) { p.version = 0; }));
  CHECK(refused([](TrustPolicy& p) { p.catalog = "Acme"; }));
  CHECK(refused([](TrustPolicy& p) { p.catalog = "-acme"; }));
  CHECK(refused([](TrustPolicy& p) { p.services.clear(); }));
  CHECK(refused([](TrustPolicy& p) { p.services = {"http://one.example"}; }));
  CHECK(refused([](TrustPolicy& p) { p.services = {"https://user@one.example"}; }));
  CHECK(refused([](TrustPolicy& p) { p.services = {"https://one.example/path"}; }));
  CHECK(refused([](TrustPolicy& p) { p.service_ca.clear(); }));
  CHECK(refused([](TrustPolicy& p) { p.offline = {OfflineAction::StopApplications, seconds(1)}; }));
  CHECK(refused([](TrustPolicy& p) { p.owner_gone = OwnerGone::HeirKey; }));
  CHECK(refused([](TrustPolicy& p) { p.heir = tuf_key(2); }));
  CHECK_FALSE(refused([](TrustPolicy&) {}));
}

}  // namespace holdfast::trust::tuf

#include "trust/tuf/offline_targets.h"

#include <doctest/doctest.h>

#include "fails_with.h"
#include "owner_keys.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::uint8_t kOwner = 1;
constexpr std::uint8_t kService = 5;
constexpr std::uint8_t kOffline = 6;
constexpr std::uint8_t kOther = 7;
const WallTime kIssued = *parse_rfc3339("2027-01-01T00:00:00Z");
const Recipient kDevice{"hf-one", "gateway", "field"};

Director director_of(std::uint8_t holder) { return {{tuf_key(holder)}, {{tuf_key(holder).id}, 1}}; }

Verified<TrustPolicy> policy_with(std::optional<OfflineDirector> offline) {
  const WallTime expires = *parse_rfc3339("2036-01-01T00:00:00Z");
  const Blob root = dump_envelope(signed_by(*make_root(first_root({holder_key(kOwner)}, 1, expires)), {kOwner}));
  TrustPolicy policy;
  policy.catalog = "acme";
  policy.services = {"https://one.example"};
  policy.service_ca = Blob{0x30, 0x00};
  policy.expires = expires;
  policy.director = director_of(kService);
  policy.offline_director = std::move(offline);
  const Blob document = dump_envelope(signed_by(*make_trust_policy(policy), {kOwner}));
  return *verify_trust_policy(document, *verify_pinned_root(root, root_digest(root)), "acme", {});
}

Verified<TrustPolicy> a_policy() { return policy_with(OfflineDirector{director_of(kOffline), {}}); }

OfflineTargets some_word(Audience audience = {}) {
  OfflineTargets out;
  out.catalog = "acme";
  out.audience = std::move(audience);
  out.version = 3;
  out.issued = kIssued;
  out.expires = kIssued + days(300);
  out.images["os/2.0/image"].length = 100;
  out.images["os/2.0/image"].sha256.fill(7);
  return out;
}

Blob published(const OfflineTargets& targets, std::uint8_t holder = kOffline) {
  return dump_envelope(signed_by(*make_offline_targets(targets), {holder}));
}

TEST_CASE("a word for a device, for its group or for everybody reaches it") {
  for (const Audience& audience : {Audience{"hf-one", "", ""}, Audience{"", "gateway", "field"}, Audience{}}) {
    const auto read = verify_offline_targets(published(some_word(audience)), a_policy(), kDevice, 3);
    REQUIRE(read);
    CHECK((*read)->device == "hf-one");
    CHECK((*read)->version == 3);
    CHECK((*read)->images == some_word().images);
    CHECK((*read)->expires == kIssued + days(300));
  }
}

TEST_CASE("a word for another device, group, product or catalog is refused") {
  for (const Audience& audience :
       {Audience{"hf-two", "", ""}, Audience{"", "gateway", "lab"}, Audience{"", "meter", "field"}}) {
    CHECK(fails_with(verify_offline_targets(published(some_word(audience)), a_policy(), kDevice, 0),
                     kDirectorTargetsForeign));
  }
  OfflineTargets foreign = some_word();
  foreign.catalog = "other";
  CHECK(fails_with(verify_offline_targets(published(foreign), a_policy(), kDevice, 0), kDirectorTargetsForeign));
}

TEST_CASE("a stolen service makes no long-lived word: its director's signature is worth nothing offline") {
  CHECK(fails_with(verify_offline_targets(published(some_word(), kService), a_policy(), kDevice, 0),
                   kOfflineTargetsOnline));
  for (const std::uint8_t holder : {kOther, kOwner}) {
    CHECK(fails_with(verify_offline_targets(published(some_word(), holder), a_policy(), kDevice, 0), kThresholdMissed));
  }
}

TEST_CASE("what the offline director signed is no word of a service's") {
  CHECK(fails_with(verify_director_targets(published(some_word()), a_policy(), "hf-one", 0), kThresholdMissed));
  CHECK(fails_with(verify_director_targets(published(some_word(), kService), a_policy(), "hf-one", 0),
                   kDirectorTargetsMalformed));
}

TEST_CASE("under a trust policy without an offline director nothing that is carried directs") {
  CHECK(fails_with(verify_offline_targets(published(some_word()), policy_with({}), kDevice, 0), kDirectorMissing));
}

TEST_CASE("an older word than the one that was taken is refused: rollback of the offline director") {
  CHECK(fails_with(verify_offline_targets(published(some_word()), a_policy(), kDevice, 4), kDirectorTargetsRolledBack));
}

TEST_CASE("a word lives for a year and no longer, and its audience is plain") {
  OfflineTargets word = some_word();
  word.expires = word.issued + days(366);
  CHECK(make_offline_targets(word));
  word.expires = word.issued + days(367);
  CHECK(fails_with(make_offline_targets(word), kDirectorTargetsMalformed));
  word.expires = word.issued;
  CHECK(fails_with(make_offline_targets(word), kDirectorTargetsMalformed));
  for (const Audience& audience :
       {Audience{"", "gateway", ""}, Audience{"", "", "field"}, Audience{"hf-one", "gateway", "field"}}) {
    CHECK(fails_with(make_offline_targets(some_word(audience)), kDirectorTargetsMalformed));
  }
  json::Value document = make_offline_targets(some_word())->signed_part;
  document.set("audience", json::Object{{"device", ""}});
  CHECK(fails_with(read_offline_targets(*make_envelope(std::move(document))), kDirectorTargetsMalformed));
}

}  // namespace
}  // namespace holdfast::trust::tuf

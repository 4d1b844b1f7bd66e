#include "trust/tuf/change_approval.h"

#include <doctest/doctest.h>

#include "fails_with.h"
#include "owner_keys.h"

namespace holdfast::trust::tuf {
namespace {

const WallTime kNow = *parse_rfc3339("2026-01-01T00:00:00Z");
const WallTime kRootExpires = *parse_rfc3339("2036-01-01T00:00:00Z");
using Holders = std::initializer_list<std::uint8_t>;

/// Holder 1 has the root role; 2, 3 and 4 are the release engineers, of whom two must agree.
Verified<Root> root_of_two(WallTime expires = kRootExpires) {
  RootDraft draft = first_root({holder_key(1), holder_key(2), holder_key(3), holder_key(4)}, 1, expires);
  for (RoleDraft& role : draft.roles) role = {{0}, 1};
  draft.roles[static_cast<std::size_t>(RoleName::Targets)] = {{1, 2, 3}, 2};
  const Blob root = dump_envelope(signed_by(*make_root(draft), {1}));
  return *verify_pinned_root(root, root_digest(root));
}

Change change() {
  return {.catalog = "acme-meters",
          .number = 7,
          .kind = "policy",
          .subject = "default",
          .content_sha256 = Digest256{1, 2, 3},
          .lets_in = {"PCR 7 is no longer judged"}};
}

Envelope unsigned_approval(const Change& of = change(), WallTime expires = kNow + days(7)) {
  return *make_change_approval({.change = of, .expires = expires});
}

Result<Verified<ChangeApproval>> verify(const Envelope& envelope, const Change& asked = change(), WallTime now = kNow) {
  return verify_change_approval(dump_envelope(envelope), root_of_two(), asked, now);
}

}  // namespace

TEST_CASE("an approval by the threshold of the targets role is read back as it was signed") {
  const auto approval = verify(signed_by(unsigned_approval(), {2, 4}));
  REQUIRE(approval);
  CHECK((*approval)->change == change());
  CHECK((*approval)->expires == kNow + days(7));
  CHECK((*approval)->signed_by == std::vector{tuf_key(2).id, tuf_key(4).id});
}

TEST_CASE("an approval without a signature is refused") {
  CHECK(fails_with(verify(unsigned_approval()), kThresholdMissed));
}

TEST_CASE("an approval that misses the threshold is refused") {
  CHECK(fails_with(verify(signed_by(unsigned_approval(), {3})), kThresholdMissed));
}

TEST_CASE("keys outside of the targets role approve nothing, the root's own among them") {
  CHECK(fails_with(verify(signed_by(unsigned_approval(), {1, 2})), kThresholdMissed));
  CHECK(fails_with(verify(signed_by(unsigned_approval(), {2, 9})), kThresholdMissed));
}

TEST_CASE("one key that signs an approval twice is counted once") {
  Envelope twice = signed_by(unsigned_approval(), {2});
  twice.signatures.push_back(twice.signatures.front());
  CHECK(fails_with(verify(twice), kEnvelopeMalformed));
  twice.signatures.back().key_id = tuf_key(3).id;  // the same signature under another holder's id
  CHECK(fails_with(verify(twice), kThresholdMissed));
}

TEST_CASE("an approval that was altered after it was signed is refused") {
  Envelope altered = signed_by(unsigned_approval(), {2, 3});
  altered.signed_part.set("expires", "2035-01-01T00:00:00Z");
  CHECK(fails_with(verify(altered), kThresholdMissed));
}

TEST_CASE("an approval for another catalog is refused") {
  Change foreign = change();
  foreign.catalog = "acme-gateways";
  CHECK(fails_with(verify(signed_by(unsigned_approval(foreign), {2, 3})), kChangeApprovalForeign));
}

TEST_CASE("an approval that was used is not replayed for the same change under a later number") {
  Change again = change();
  again.number = 8;
  CHECK(fails_with(verify(signed_by(unsigned_approval(), {2, 3}), again), kChangeApprovalReplayed));
}

TEST_CASE("an approval of one content is refused for another, and so is one whose signer was told something else") {
  const Envelope approval = signed_by(unsigned_approval(), {2, 3});
  const auto refused = [&](void (*alter)(Change&)) {
    Change other = change();
    alter(other);
    return fails_with(verify(approval, other), kChangeApprovalDiffers);
  };
  CHECK(refused([](Change& c) { c.content_sha256 = {}; }));
  CHECK(refused([](Change& c) { c.kind = "baseline"; }));
  CHECK(refused([](Change& c) { c.subject = "lab"; }));
  CHECK(refused([](Change& c) { c.lets_in.push_back("app may be absent"); }));
}

TEST_CASE("an expired approval is refused, and so is any under an expired root") {
  const Envelope approval = signed_by(unsigned_approval(), {2, 3});
  CHECK(verify(approval, change(), kNow + days(7) - seconds(1)));
  CHECK(fails_with(verify(approval, change(), kNow + days(7)), kMetadataExpired));
  CHECK(
      fails_with(verify_change_approval(dump_envelope(approval), root_of_two(kNow), change(), kNow), kMetadataExpired));
}

TEST_CASE("another document of the owner's is no approval, and a member that this version does not know is refused") {
  json::Value unknown = unsigned_approval().signed_part;
  unknown.set("unless", "monday");
  CHECK(fails_with(verify(signed_by(*make_envelope(unknown), {2, 3})), json::kJsonShape));
  const auto root = make_root(first_root({holder_key(2)}, 1, kRootExpires));
  CHECK(fails_with(verify(signed_by(*root, {2, 3})), kChangeApprovalMalformed));
}

TEST_CASE("a signer is never asked to sign what says nothing") {
  Change silent = change();
  silent.lets_in.clear();
  CHECK(fails_with(make_change_approval({.change = silent, .expires = kNow}), kChangeApprovalMalformed));
}

}  // namespace holdfast::trust::tuf

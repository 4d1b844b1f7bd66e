#include "approval_catalog.h"
#include "fails_with.h"
#include "ports/store/rows/policy.h"
#include "service/claim/owner_documents.h"

namespace holdfast::service::approval {
namespace {

tuf::Change change_in(const ApprovalRow& row) {
  return {row.catalog, row.number, row.kind, row.subject, row.content_sha256, *words_of(row)};
}

using Holders = std::initializer_list<std::uint8_t>;

Blob document(const ApprovalRow& row, Holders holders, std::optional<WallTime> expires = {}) {
  const tuf::ChangeApproval approval{.change = change_in(row), .expires = expires.value_or(row.expires_at)};
  return tuf::dump_envelope(signed_by(*tuf::make_change_approval(approval), holders));
}

bool is_allowed(TestCatalog& catalog) { return !catalog.rows<ports::AllowedReferenceRow>().empty(); }

}  // namespace

TEST_CASE("without the release key's signature nothing is loosened, however many operators agree") {
  TestCatalog catalog({.two_approvers = true, .signed_policy = true});
  const ApprovalRow row = catalog.wait(catalog.allow("1.0"));
  CHECK(fails_with(catalog.approve(row, kBen), kSignatureNeeded));
  CHECK_FALSE(is_allowed(catalog));
  REQUIRE(catalog.approve(row, kBen, document(row, {2, 3})));
  CHECK(is_allowed(catalog));
}

TEST_CASE("the release key's signature does not stand for the second operator") {
  TestCatalog catalog({.two_approvers = true, .signed_policy = true});
  const ApprovalRow row = catalog.wait(catalog.allow("1.0"));
  CHECK(fails_with(catalog.approve(row, kAda, document(row, {2, 3})), kOwnProposal));
}

TEST_CASE("signed, a change is put in force by whoever proposed it, and the audit names the keys") {
  TestCatalog catalog(kSignedPolicy);
  const ApprovalRow row = catalog.wait(catalog.allow("1.0"));
  REQUIRE(catalog.approve(row, kAda, document(row, {2, 4})));
  CHECK(is_allowed(catalog));
  const std::string detail = catalog.rows<ports::AuditRow>().back().detail;
  CHECK(detail.find(tuf_key(2).id) != std::string::npos);
  CHECK(detail.find(tuf_key(4).id) != std::string::npos);
  CHECK(detail.find(tuf_key(3).id) == std::string::npos);
}

TEST_CASE("fewer signatures than the threshold, and those of other roles, loosen nothing") {
  TestCatalog catalog(kSignedPolicy);
  const ApprovalRow row = catalog.wait(catalog.allow("1.0"));
  for (const Holders& holders : {Holders{}, Holders{2}, Holders{1, 2}, Holders{8, 9}}) {
    CHECK(fails_with(catalog.approve(row, kBen, document(row, holders)), tuf::kThresholdMissed));
  }
  CHECK(fails_with(catalog.approve(row, kBen, to_blob(as_bytes("no envelope"))), Next::Rejected));
  CHECK_FALSE(is_allowed(catalog));
}

TEST_CASE("a signature that served once is not replayed when the same is proposed again") {
  TestCatalog catalog(kSignedPolicy);
  const Change allow = catalog.allow("1.0");
  const ApprovalRow first = catalog.wait(allow);
  const Blob used = document(first, {2, 3});
  REQUIRE(catalog.approve(first, kAda, used));
  const auto set = catalog.rows<ports::AllowedReferenceRow>().front();
  catalog.must([&](ports::Transaction& tx) {
    return appraise::disallow_reference_set(tx, kCatalog, set.id, set.product, set.device_group, kAda, catalog.now);
  });
  const ApprovalRow second = catalog.wait(allow);
  CHECK(second.content_sha256 == first.content_sha256);
  CHECK(fails_with(catalog.approve(second, kAda, used), tuf::kChangeApprovalReplayed));
  CHECK_FALSE(is_allowed(catalog));
}

TEST_CASE("a signature for the same change in another catalog is refused") {
  TestCatalog catalog(kSignedPolicy);
  TestCatalog other(kSignedPolicy, "acme-gateways");
  const ApprovalRow elsewhere = other.wait(other.allow("1.0"));
  const ApprovalRow row = catalog.wait(catalog.allow("1.0"));
  CHECK(row.content_sha256 == elsewhere.content_sha256);
  CHECK(fails_with(catalog.approve(row, kBen, document(elsewhere, {2, 3})), tuf::kChangeApprovalForeign));
}

TEST_CASE("a signature for one change is refused for another that waits beside it") {
  TestCatalog catalog(kSignedPolicy);
  const ApprovalRow signed_one = catalog.wait(catalog.allow("1.0"));
  ApprovalRow mixed = catalog.wait(catalog.allow("2.0"));
  mixed.content_sha256 = signed_one.content_sha256;  // its own number, the content of the other
  const ApprovalRow row = catalog.rows<ApprovalRow>().back();
  CHECK(fails_with(catalog.approve(row, kBen, document(mixed, {2, 3})), tuf::kChangeApprovalDiffers));
}

TEST_CASE("an expired signature is refused though the change still waits") {
  TestCatalog catalog(kSignedPolicy);
  const ApprovalRow row = catalog.wait(catalog.allow("1.0"));
  const Blob brief = document(row, {2, 3}, catalog.now + hours(1));
  catalog.now = catalog.now + hours(1);
  CHECK(fails_with(catalog.approve(row, kBen, brief), tuf::kMetadataExpired));
}

TEST_CASE("after a change of the owner's keys the release keys of the newest root count, and no others") {
  TestCatalog catalog(kSignedPolicy);
  const ApprovalRow row = catalog.wait(catalog.allow("1.0"));
  catalog.must(
      [&](ports::Transaction& tx) { return claim::add_root(tx, kCatalog, owner_root(2, {2, 3}), kAda, catalog.now); });
  CHECK(fails_with(catalog.approve(row, kBen, document(row, {2, 3})), tuf::kThresholdMissed));
  CHECK(catalog.approve(row, kBen, document(row, {3, 4})));
}

TEST_CASE("signed-policy is switched on by its owner's word, and off by the release key's signature") {
  TestCatalog catalog({});
  CHECK(*catalog.submit(approval_rules_change(kSignedPolicy)) == std::nullopt);
  CHECK(catalog.rules() == kSignedPolicy);
  const ApprovalRow off = catalog.wait(approval_rules_change({}));
  CHECK(fails_with(catalog.approve(off, kBen), kSignatureNeeded));
  CHECK(catalog.rules() == kSignedPolicy);
  REQUIRE(catalog.approve(off, kAda, document(off, {2, 3})));
  CHECK(catalog.rules() == ApprovalRules{});
}

TEST_CASE("a signature that nobody asked for is looked at all the same") {
  TestCatalog catalog(kTwoApprovers);
  const ApprovalRow row = catalog.wait(catalog.allow("1.0"));
  CHECK(fails_with(catalog.approve(row, kBen, document(row, {9})), tuf::kThresholdMissed));
}

}  // namespace holdfast::service::approval

#include "service/approval/approvals.h"

#include "approval_catalog.h"
#include "fails_with.h"
#include "ports/store/rows/policy.h"

namespace holdfast::service::approval {
namespace {

using Strings = std::vector<std::string>;

constexpr std::string_view kStrict = R"({"version":1,"floor":{"os":2}})";
constexpr std::string_view kLoose = R"({"version":1,"floor":{"os":1}})";

std::size_t policies(TestCatalog& catalog) { return catalog.rows<ports::PolicyRow>().size(); }
std::size_t allowed(TestCatalog& catalog) { return catalog.rows<ports::AllowedReferenceRow>().size(); }
std::size_t listed(TestCatalog& catalog) { return catalog.rows<ports::ExpectedKeyRow>().size(); }

/// Proposed by one operator, tried by the same one, approved by another.
void check_that_one_alone_cannot(TestCatalog& catalog, const Change& change, std::size_t (*in_force)(TestCatalog&)) {
  const std::size_t before = in_force(catalog);
  const ApprovalRow row = catalog.wait(change);
  CHECK(row.kind == name_of(change.kind));
  CHECK_FALSE(words_of(row)->empty());
  CHECK(fails_with(catalog.approve(row, kAda), kOwnProposal));
  CHECK(in_force(catalog) == before);
  const auto approved = catalog.approve(row, kBen);
  REQUIRE(approved);
  CHECK(approved->state == ApprovalState::Approved);
  CHECK(approved->decided_by == "operator:ben");
  CHECK(in_force(catalog) == before + 1);
}

}  // namespace

TEST_CASE("one operator alone does not loosen a policy") {
  TestCatalog catalog(kTwoApprovers);
  REQUIRE(catalog.submit(catalog.policy(kStrict)));
  check_that_one_alone_cannot(catalog, catalog.policy(kLoose), policies);
  CHECK(catalog.rows<ports::PolicyRow>().back().proposed_by == "operator:ada");
}

TEST_CASE("one operator alone does not allow reference values") {
  TestCatalog catalog(kTwoApprovers);
  check_that_one_alone_cannot(catalog, catalog.allow("1.0"), allowed);
}

TEST_CASE("one operator alone does not accept a baseline, and the second is told each event that it lets in") {
  TestCatalog catalog(kTwoApprovers);
  catalog.attests({{0, "firmware"}, {4, "loader"}});
  CHECK(words_of(catalog.wait(catalog.baseline()))->size() == 1 + 2);
  check_that_one_alone_cannot(catalog, catalog.baseline(), allowed);
}

TEST_CASE("one operator alone does not put keys on the factory list") {
  TestCatalog catalog(kTwoApprovers);
  check_that_one_alone_cannot(catalog, catalog.list({1}), listed);
}

TEST_CASE("a key that is listed for one device group is let into another by two operators only") {
  TestCatalog catalog(kTwoApprovers);
  REQUIRE(catalog.approve(catalog.wait(catalog.list({1}, "lab")), kBen));
  CHECK(*catalog.submit(catalog.list({1}, "lab")) == std::nullopt);  // nothing new
  const ApprovalRow row = catalog.wait(catalog.list({1}, "field"));
  CHECK(catalog.rows<ports::ExpectedKeyRow>().front().device_group == "lab");
  REQUIRE(catalog.approve(row, kBen));
  CHECK(catalog.rows<ports::ExpectedKeyRow>().front().device_group == "field");
}

TEST_CASE("what loosens nothing takes effect at once, also where two must agree") {
  TestCatalog catalog(kTwoApprovers);
  CHECK(*catalog.submit(catalog.policy(kStrict)) == std::nullopt);
  CHECK(policies(catalog) == 1);
  const Change allow = catalog.allow("1.0");
  REQUIRE(catalog.approve(catalog.wait(allow), kBen));
  CHECK(*catalog.submit(allow) == std::nullopt);
  CHECK(catalog.rows<ApprovalRow>().size() == 1);
}

TEST_CASE("a catalog that asks for no approvals loosens at once") {
  TestCatalog catalog({});
  CHECK(*catalog.submit(catalog.allow("1.0")) == std::nullopt);
  CHECK(*catalog.submit(catalog.list({1})) == std::nullopt);
  CHECK(allowed(catalog) == 1);
  CHECK(listed(catalog) == 1);
  CHECK(catalog.rows<ApprovalRow>().empty());
}

TEST_CASE("asking for fewer approvals takes those that are in force, asking for more takes none") {
  TestCatalog catalog({});
  CHECK(*catalog.submit(approval_rules_change(kTwoApprovers)) == std::nullopt);
  CHECK(catalog.rules() == kTwoApprovers);
  const ApprovalRow row = catalog.wait(approval_rules_change({}));
  CHECK(fails_with(catalog.approve(row, kAda), kOwnProposal));
  CHECK(catalog.rules() == kTwoApprovers);
  REQUIRE(catalog.approve(row, kBen));
  CHECK(catalog.rules() == ApprovalRules{});
}

TEST_CASE("who may not propose a change may not approve it either") {
  TestCatalog catalog(kTwoApprovers);
  const Caller cleo = OperatorCaller{"cleo", "", Scope::Operate};
  const ApprovalRow row = catalog.wait(approval_rules_change({}));
  CHECK(fails_with(catalog.approve(row, cleo), kCallerNotAllowed));
  CHECK(fails_with(catalog.submit(approval_rules_change({}), cleo), kCallerNotAllowed));
  CHECK(fails_with(catalog.approve(row, AnonymousCaller{}), kCallerNotAllowed));
}

TEST_CASE("an approval of another content than the one that was proposed is refused") {
  TestCatalog catalog(kTwoApprovers);
  ApprovalRow row = catalog.wait(catalog.list({1}));
  row.content_sha256[0] ^= 1;
  CHECK(fails_with(catalog.approve(row, kBen), kContentDiffers));
  CHECK(listed(catalog) == 0);
}

TEST_CASE("a change is decided once") {
  TestCatalog catalog(kTwoApprovers);
  const ApprovalRow approved = catalog.wait(catalog.list({1}));
  REQUIRE(catalog.approve(approved, kBen));
  CHECK(fails_with(catalog.approve(approved, kBen), kNotProposed));
  CHECK(fails_with(catalog.reject(approved, kBen), kNotProposed));
  const ApprovalRow rejected = catalog.wait(catalog.list({2}));
  REQUIRE(catalog.reject(rejected, kAda));
  CHECK(fails_with(catalog.approve(rejected, kBen), kNotProposed));
  CHECK(listed(catalog) == 1);
}

TEST_CASE("a change that nobody decides expires unapplied after seven days") {
  TestCatalog catalog(kTwoApprovers);
  const ApprovalRow row = catalog.wait(catalog.list({1}));
  catalog.now = catalog.now + days(7) - seconds(1);
  CHECK(state_of(row, catalog.now) == ApprovalState::Proposed);
  catalog.now = catalog.now + seconds(1);
  CHECK(state_of(row, catalog.now) == ApprovalState::Expired);
  CHECK(fails_with(catalog.approve(row, kBen), kApprovalExpired));
  CHECK(listed(catalog) == 0);
  CHECK(catalog.wait(catalog.list({1})).number == row.number + 1);  // proposed anew, it is another change
  CHECK(catalog.rows<ApprovalRow>().front().state == ApprovalState::Expired);
  const auto actions = catalog.audited();
  CHECK(std::ranges::count(actions, "change.expired") == 1);
}

TEST_CASE("a change whose device group is gone is not put in force") {
  TestCatalog catalog(kTwoApprovers);
  const ApprovalRow row = catalog.wait(catalog.allow("1.0"));
  catalog.must([&](ports::Transaction& tx) {
    return Table<ports::DeviceGroupRow>(tx).erase(catalog.name(), "gateway", "field");
  });
  CHECK(fails_with(catalog.approve(row, kBen), kApprovalOutdated));
  CHECK(fails_with(catalog.approve(row, kBen), Next::Conflict));
}

TEST_CASE("a baseline is not accepted once its device has shown other evidence") {
  TestCatalog catalog(kTwoApprovers);
  catalog.attests({{0, "firmware"}, {4, "loader"}});
  const ApprovalRow row = catalog.wait(catalog.baseline());
  catalog.attests({{0, "firmware"}, {4, "rootkit"}});
  CHECK(fails_with(catalog.approve(row, kBen), kApprovalOutdated));
  CHECK(allowed(catalog) == 0);
}

TEST_CASE("of two versions of a policy that wait, approving one leaves the other behind") {
  TestCatalog catalog(kTwoApprovers);
  REQUIRE(catalog.submit(catalog.policy(kStrict)));
  const ApprovalRow first = catalog.wait(catalog.policy(kLoose));
  const ApprovalRow second = catalog.wait(catalog.policy(R"({"version":1})"));
  REQUIRE(catalog.approve(second, kBen));
  CHECK(fails_with(catalog.approve(first, kBen), kApprovalOutdated));
  CHECK(policies(catalog) == 2);
}

TEST_CASE("a change that lets in something else than what was shown is not put in force") {
  TestCatalog catalog(kTwoApprovers);
  const ApprovalRow both = catalog.wait(catalog.list({1, 2}));
  REQUIRE(catalog.approve(catalog.wait(catalog.list({2}, "lab")), kBen));
  REQUIRE(catalog.approve(both, kBen));  // key 2 is let into the field as before
  const ApprovalRow more = catalog.wait(catalog.list({3, 4}));
  REQUIRE(catalog.approve(catalog.wait(catalog.list({4})), kBen));
  CHECK(fails_with(catalog.approve(more, kBen), kApprovalOutdated));
}

TEST_CASE("the same change proposed again is the one that waits, and only so many wait") {
  TestCatalog catalog(kTwoApprovers);
  const ApprovalRow first = catalog.wait(catalog.list({1}));
  CHECK(catalog.wait(catalog.list({1}), kBen).number == first.number);
  CHECK(fails_with(catalog.approve(first, kAda), kOwnProposal));  // that ben said it too is no approval
  for (std::size_t i = 1; i < kWaitingMax; ++i) catalog.wait(catalog.list({static_cast<std::uint8_t>(i + 1)}));
  CHECK(fails_with(catalog.submit(catalog.list({200})), kTooManyWait));
  REQUIRE(catalog.reject(first, kBen));
  CHECK(catalog.wait(catalog.list({200})).number == static_cast<std::int64_t>(kWaitingMax) + 1);
}

TEST_CASE("every step is in the audit, and what was refused is nowhere") {
  TestCatalog catalog(kTwoApprovers);
  const std::size_t before = catalog.audited().size();
  const ApprovalRow row = catalog.wait(catalog.list({1}));
  CHECK_FALSE(catalog.approve(row, kAda));
  REQUIRE(catalog.approve(row, kBen));
  REQUIRE(catalog.reject(catalog.wait(catalog.list({2})), kBen));
  Strings actions = catalog.audited();
  actions.erase(actions.begin(), actions.begin() + static_cast<std::ptrdiff_t>(before));
  CHECK(actions ==
        Strings{"change.proposed", "factory-list.added", "change.approved", "change.proposed", "change.rejected"});
  const auto approved = catalog.rows<ports::AuditRow>()[before + 2];
  CHECK(approved.actor == "operator:ben");
  CHECK(approved.detail.find(to_hex(row.content_sha256)) != std::string::npos);
  CHECK(approved.detail.find("operator:ada") != std::string::npos);
}

TEST_CASE("a list that is too long to tell is told by its beginning and the digest of all of it") {
  TestCatalog catalog(kTwoApprovers);
  const auto list_ending_in = [&](std::uint8_t last) {
    std::string csv;
    for (std::uint8_t key = 0; key < 99; ++key) csv += cat(to_hex(Digest256{key}), ",gateway,field\n");
    return factory_list_change(cat(csv, to_hex(Digest256{last}), ",gateway,field\n"));
  };
  const auto words = words_of(catalog.wait(list_ending_in(100)));
  const auto others = words_of(catalog.wait(list_ending_in(101)));
  CHECK(words->size() == tuf::kLetsInMax);
  CHECK(words->front() == others->front());
  CHECK(words->back() != others->back());
}

}  // namespace holdfast::service::approval

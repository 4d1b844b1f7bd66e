#include "trust/appraisal/loosening.h"

#include <doctest/doctest.h>

#include "attesting_device.h"

namespace holdfast::trust::appraisal {
namespace {

Policy strict() {
  Policy out;
  out.required = {"firmware", "os"};
  out.floor = {{"os", 3}};
  out.withdrawn = {{"os", "1"}};
  out.client_life = hours(1);
  out.update_life = hours(2);
  out.quarantine_life = minutes(20);
  out.harsher = {{Check::EventsKnown, Verdict::Refused}};
  return out;
}

/// The only loosening of a change to the strict policy.
Loosening only(void (*change)(Policy&)) {
  Policy to = strict();
  change(to);
  const auto found = loosened(strict(), to);
  REQUIRE(found.size() == 1);
  CHECK(loosened(to, strict()).empty());  // the way back tightens
  return found.front();
}

}  // namespace

TEST_CASE("each way to loosen a policy is recognised and said") {
  CHECK(only([](Policy& p) { p.pcrs &= ~(1u << 7); }).words == "PCR 7 is no longer judged");
  CHECK(only([](Policy& p) { p.required = {"os"}; }).kind == LooseningKind::ComponentNotRequired);
  CHECK(only([](Policy& p) { p.optional = {"app"}; }).words == "app may be absent");
  CHECK(only([](Policy& p) { p.floor["os"] = 2; }).words == "the floor of os falls from 3 to 2");
  CHECK(only([](Policy& p) { p.floor.clear(); }).kind == LooseningKind::LowerFloor);
  CHECK(only([](Policy& p) { p.withdrawn.clear(); }).words == "os 1 is no longer withdrawn");
  CHECK(only([](Policy& p) { p.client_life = hours(2); }).words == "client certificates live 2h instead of 1h");
  CHECK(only([](Policy& p) { p.update_life = days(7); }).kind == LooseningKind::LongerLife);
  CHECK(only([](Policy& p) { p.quarantine_life = hours(1); }).kind == LooseningKind::LongerLife);
  CHECK(only([](Policy& p) { p.harsher.clear(); }).words ==
        "a failed events-known means update-only instead of refused");
}

TEST_CASE("a required component that becomes optional is one loosening") {
  Policy to = strict();
  to.required = {"firmware"};
  to.optional = {"os"};
  CHECK(loosened(strict(), to).size() == 1);
}

TEST_CASE("all loosenings of a change are told, and a tightening hides none") {
  Policy to = strict();
  to.pcrs = 0x00FF;
  to.floor = {{"os", 9}};
  to.client_life = days(1);
  CHECK(loosened(strict(), to).size() == 8 + 1);
}

TEST_CASE("a change that lets nothing in is no loosening") {
  Policy to = strict();
  to.version = 2;
  to.floor = {{"os", 4}, {"app", 1}};
  to.withdrawn.push_back({"os", "2"});
  to.harsher[Check::LogParses] = Verdict::Quarantined;
  CHECK(loosened(strict(), to).empty());
  CHECK(loosened(strict(), strict()).empty());
}

TEST_CASE("a reference set that was not allowed before is a loosening, taking one away is none") {
  const ReferenceSet one = reference_set("os", "1", {{4, "kernel 1"}});
  const ReferenceSet two = reference_set("os", "2", {{4, "kernel 2"}});
  const ReferenceSet fewer = reference_set("os", "1", {{4, "other kernel"}});
  const std::vector<const ReferenceSet*> before{&one};
  const std::vector<const ReferenceSet*> after{&one, &two};
  const std::vector<const ReferenceSet*> replaced{&fewer};
  REQUIRE(loosened(before, after).size() == 1);
  CHECK(loosened(before, after)[0].words == "os 2 (image, 1 events) is allowed");
  CHECK(loosened(after, before).empty());
  REQUIRE(loosened(before, replaced).size() == 1);
  CHECK(loosened(before, replaced)[0].words == "os 1 (image, 1 events) is allowed with other values than before");
}

TEST_CASE("an added TPM root is a loosening") {
  const std::vector<Digest256> before{crypto::sha256(as_bytes("root a"))};
  const std::vector<Digest256> after{crypto::sha256(as_bytes("root b")), before[0]};
  REQUIRE(loosened("TPM root", before, after).size() == 1);
  CHECK(loosened("TPM root", before, after)[0].words.starts_with("the TPM root with SHA-256 "));
  CHECK(loosened("TPM root", after, before).empty());
}

TEST_CASE("asking for fewer approvals loosens, asking for more does not") {
  const ApprovalRules none;
  const ApprovalRules both{.two_approvers = true, .signed_policy = true};
  const ApprovalRules exchanged_from{.two_approvers = true, .signed_policy = false};
  const ApprovalRules exchanged_to{.two_approvers = false, .signed_policy = true};
  CHECK(loosened(none, both).empty());
  CHECK(loosened(both, both).empty());
  CHECK(loosened(both, none).size() == 2);
  REQUIRE(loosened(exchanged_from, exchanged_to).size() == 1);
  CHECK(loosened(exchanged_from, exchanged_to).front().kind == LooseningKind::FewerApprovals);
}

}  // namespace holdfast::trust::appraisal

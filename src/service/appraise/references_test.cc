#include "service/appraise/references.h"

#include "base/encoding.h"
#include "base/text.h"
#include "fails_with.h"
#include "ports/store/rows/audit.h"
#include "soft_device.h"

namespace holdfast::service::appraise {
namespace {

using tests::kAcme;
using tests::reason_of;
using tests::ServiceWorld;
using tests::SoftDevice;

struct World : ServiceWorld {
  json::Value told(const Response& response, int status) {
    CHECK(response.status == status);
    auto body = json::parse(response.body);
    REQUIRE(body);
    return *std::move(body);
  }
  std::string add(const trust::appraisal::ReferenceSet& set) {
    const auto body =
        told(ask(ada, "POST", "/v1/catalogs/acme/reference-values", json::dump(trust::appraisal::to_json(set))), 201);
    return *body.find("id")->text();
  }
  Response change(std::string_view method, std::string_view id, std::string_view where) {
    return ask(ada, method, cat("/v1/catalogs/acme/reference-values/", id, "/allowed"), {}, where);
  }

  std::string ada = token("ada", Scope::Operate, kAcme);
};

constexpr std::string_view kField = "product=gateway&device_group=field";

/// The good image without its firmware, which no release covers.
trust::appraisal::ReferenceSet image_alone() {
  return reference_set("os", "1.0", {tests::kGoodBoot.begin() + 1, tests::kGoodBoot.end()});
}

}  // namespace

TEST_CASE("a device may run what is allowed to its group, from the moment it is and until it is not") {
  World world;
  SoftDevice device(world, "a");
  device.join();
  const std::string id = world.add(tests::good_image());
  CHECK(device.verdict() == "update-only");
  CHECK(world.change("PUT", id, kField).status == 200);
  CHECK(device.verdict() == "healthy");
  CHECK(world.change("DELETE", id, kField).status == 200);
  CHECK(device.verdict() == "update-only");
  CHECK(reason_of(world.change("DELETE", id, kField)) == kNothingThere.word());
}

TEST_CASE("what is allowed to another group or another catalog helps nobody here") {
  World world;
  REQUIRE(
      world.ask(world.ada, "POST", "/v1/catalogs/acme/device-groups", R"({"product":"gateway","name":"lab"})").status ==
      201);
  REQUIRE(world.other_owner().allow(world.deps(), tests::good_image(), world.now()));
  SoftDevice device(world, "a");
  device.join();
  const std::string id = world.add(tests::good_image());
  CHECK(world.change("PUT", id, "product=gateway&device_group=lab").status == 200);
  CHECK(device.verdict() == "update-only");
}

TEST_CASE("an image that is withdrawn is told apart from one that was never allowed") {
  World world;
  REQUIRE(world.owner().allow(world.deps(), tests::good_image(), world.now()));
  SoftDevice device(world, "a");
  device.join();
  REQUIRE(world
              .ask(world.ada, "POST", "/v1/catalogs/acme/policies/default",
                   R"({"version":1,"withdrawn":[{"component":"os","version":"1.0"}]})")
              .status == 201);
  const auto result = device.attest();
  REQUIRE(result);
  CHECK(result->verdict == "update-only");
  std::vector<std::string> failed;
  for (const auto& finding : result->findings) {
    if (!finding.passed) failed.push_back(finding.check);
  }
  CHECK(failed == std::vector<std::string>{"not-withdrawn"});
}

TEST_CASE("the same values are the same set, and each change of what is allowed is recorded once") {
  World world;
  const auto before = world.audited().size();
  const std::string id = world.add(tests::good_image());
  CHECK(world.add(tests::good_image()) == id);
  CHECK(world.change("PUT", id, kField).status == 200);
  CHECK(world.change("PUT", id, kField).status == 200);
  CHECK(world.change("DELETE", id, kField).status == 200);
  CHECK(world.audited(kAcme, before) ==
        std::vector<std::string>{"reference-values.added", "reference-values.allowed", "reference-values.disallowed"});
}

TEST_CASE("values that are not there, and groups that are not there, cannot be joined") {
  World world;
  const std::string id = world.add(tests::good_image());
  CHECK(reason_of(world.change("PUT", std::string(64, '0'), kField)) == kNothingThere.word());
  CHECK(reason_of(world.change("PUT", id, "product=gateway&device_group=nowhere")) == kNothingThere.word());
  CHECK(reason_of(world.change("PUT", id, "product=nothing")) == kNothingThere.word());
  CHECK(reason_of(world.change("PUT", id, "")) == kNothingThere.word());
}

TEST_CASE("a group has room for as many sets as are looked at, so that none is allowed and not seen") {
  World world;
  SoftDevice device(world, "a");
  device.join();
  std::string last;
  for (std::size_t i = 0; i <= kAllowedSetsMax; ++i) {
    auto set = tests::good_image();
    set.version = cat("0.", i);
    last = world.add(set);
    const Response answer = world.change("PUT", last, kField);
    CHECK(answer.status == (i < kAllowedSetsMax ? 200 : 429));
  }
  CHECK(reason_of(world.change("PUT", last, kField)) == kTooManySets.word());
}

TEST_CASE("a baseline lists what it lets in, is accepted on record, and makes the golden device healthy") {
  World world;
  REQUIRE(world.owner().allow(world.deps(), image_alone(), world.now()));
  SoftDevice golden(world, "a");
  golden.join();
  CHECK(reason_of(world.ask(world.ada, "GET", "/v1/catalogs/acme/devices/hf-0000/baseline")) == kNothingThere.word());
  const std::string path = cat("/v1/catalogs/acme/devices/", golden.id(), "/baseline");
  CHECK(reason_of(world.ask(world.ada, "GET", path)) == kNoEvidence.word());
  REQUIRE(golden.verdict() == "update-only");
  const auto proposal = world.told(world.ask(world.ada, "GET", path), 200);
  REQUIRE(proposal.find("unknown_events")->array()->size() == 1);
  CHECK(proposal.find("set")->find("events")->array()->size() == 1);
  CHECK(*proposal.find("set")->find("events")->array()->front().find("pcr")->integer() == 0);
  CHECK(golden.verdict() == "update-only");  // asking changes nothing

  const auto before = world.audited().size();
  REQUIRE(world.ask(world.ada, "POST", path).status == 201);
  CHECK(world.audited(kAcme, before).back() == "baseline.accepted");
  const auto entry = world.rows<ports::AuditRow>(kAcme).back();
  CHECK(entry.actor == "operator:ada");
  CHECK(json::parse(as_bytes(entry.detail))->find("lets_in")->array()->size() == 1);
  CHECK(golden.verdict() == "healthy");
}

}  // namespace holdfast::service::appraise

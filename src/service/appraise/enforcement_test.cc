// Policies as an operator meets them: over the management port.
#include "base/text.h"
#include "fails_with.h"
#include "ports/store/rows/attestation.h"
#include "ports/store/rows/policy.h"
#include "service/appraise/policies.h"
#include "soft_device.h"

namespace holdfast::service::appraise {
namespace {

using tests::kAcme;
using tests::reason_of;
using tests::ServiceWorld;
using tests::SoftDevice;

constexpr std::string_view kTight = R"({"version":1,"floor":{"os":1}})";
constexpr std::string_view kTighter = R"({"version":1,"floor":{"os":2}})";
constexpr std::string_view kPath = "/v1/catalogs/acme/policies/default";

struct World : ServiceWorld {
  World() { REQUIRE(owner().allow(deps(), tests::good_image(), now())); }

  json::Value told(const Response& response, int status) {
    CHECK(response.status == status);
    auto body = json::parse(response.body);
    REQUIRE(body);
    return *std::move(body);
  }

  std::string ada = token("ada", Scope::Operate, kAcme);
};

/// The verdicts of a dry run's devices.
std::map<std::string, std::string> verdicts(const json::Value& page, std::string_view which) {
  std::map<std::string, std::string> out;
  for (const json::Value& item : *page.find("items")->array()) {
    out[*item.find("device")->text()] = *item.find(which)->text();
  }
  return out;
}

}  // namespace

TEST_CASE("a policy's name is of its alphabet, and what is milder than the table is refused") {
  World world;
  for (const std::string_view name : {"Default", "a_b", "a%2Fb", "..", "a b"}) {
    CAPTURE(name);
    const auto answer = world.ask(world.ada, "POST", cat("/v1/catalogs/acme/policies/", name), kTight);
    CHECK(reason_of(answer) == kNameMalformed.word());
  }
  const auto milder = world.ask(world.ada, "POST", kPath, R"({"version":1,"harsher":{"clock-forward":"healthy"}})");
  CHECK(reason_of(milder) == trust::appraisal::kPolicyMilder.word());
  CHECK(world.rows<ports::PolicyRow>(kAcme).empty());
}

TEST_CASE("a dry run says of every device what enforcing the policy then does") {
  World world;
  std::vector<SoftDevice> fleet;
  for (const std::string_view label : {"a", "b", "c", "d"}) {
    fleet.emplace_back(world, label);
    fleet.back().join();
  }
  fleet[1].boot(tests::kTamperedBoot);
  fleet[2].says_it_runs({{"os", "0.9", 1}});  // not what it measured
  fleet[3].boot(tests::kTamperedBoot);
  fleet[3].shows_the_log_of(tests::kGoodBoot);
  std::map<std::string, std::string> now;
  for (SoftDevice& device : fleet) now[device.id()] = device.verdict();
  CHECK(std::set<std::string>{now[fleet[0].id()], now[fleet[1].id()], now[fleet[3].id()]} ==
        std::set<std::string>{"healthy", "update-only", "refused"});

  for (const std::string_view policy :
       {kTighter, std::string_view(R"({"version":1,"pcrs":[0,4],"harsher":{"versions-known":"quarantined"}})"),
        std::string_view(R"({"version":1,"withdrawn":[{"component":"os","version":"1.0"}]})")}) {
    CAPTURE(policy);
    const auto entries = world.audited();
    const auto page = world.told(world.ask(world.ada, "POST", "/v1/catalogs/acme/policy-dry-run", policy), 200);
    CHECK(verdicts(page, "now") == now);
    CHECK(world.audited() == entries);
    REQUIRE(world.ask(world.ada, "POST", kPath, policy).status == 201);
    now.clear();
    world.pass(minutes(1));
    for (SoftDevice& device : fleet) {
      auto row = device.row();
      row.state = ports::DeviceState::Enrolled;  // what held it is another test's
      world.update(row);
      now[device.id()] = device.verdict();
    }
    CHECK(verdicts(page, "would_be") == now);
  }
}

TEST_CASE("a dry run comes in pages and leaves nobody out") {
  World world;
  for (const std::string_view label : {"a", "b", "c"}) {
    SoftDevice device(world, label);
    device.join();
    REQUIRE(device.verdict() == "healthy");
  }
  std::set<std::string> seen;
  std::string after;
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = world.told(
        world.ask(world.ada, "POST", "/v1/catalogs/acme/policy-dry-run", kTight, cat("limit=2&after=", after)), 200);
    for (const auto& [device, verdict] : verdicts(page, "would_be")) CHECK(seen.insert(device).second);
    const json::Value* next = page.find("next");
    if (next == nullptr) break;
    after = *next->text();
  }
  CHECK(seen.size() == 3);
}

TEST_CASE("explain names the event that was not expected, its PCR and the policy that judged it") {
  World world;
  REQUIRE(world.ask(world.ada, "POST", kPath, kTight).status == 201);
  SoftDevice device(world, "a");
  device.join();
  const std::string path = cat("/v1/catalogs/acme/devices/", device.id(), "/explain");
  CHECK(reason_of(world.ask(world.ada, "GET", path)) == kNothingThere.word());
  device.boot(tests::kTamperedBoot);
  REQUIRE(device.verdict() == "update-only");
  const auto told = world.told(world.ask(world.ada, "GET", path), 200);
  CHECK(*told.find("verdict")->text() == "update-only");
  CHECK(*told.find("policy")->text() == "default");
  CHECK(*told.find("policy_version")->integer() == 1);
  bool named = false;
  for (const json::Value& finding : *told.find("appraisal")->find("findings")->array()) {
    if (*finding.find("check")->text() != "events-known" || *finding.find("outcome")->text() != "failed") continue;
    named = *finding.find("pcr")->integer() == 11 && *finding.find("event")->integer() == 3;
  }
  CHECK(named);
}

}  // namespace holdfast::service::appraise

// Versions of a policy: in force, waiting, rejected.
#include "base/text.h"
#include "ports/store/rows/catalog.h"
#include "ports/store/rows/policy.h"
#include "service/appraise/policies.h"
#include "service_world.h"

namespace holdfast::service::appraise {
namespace {

using tests::kAcme;
using tests::reason_of;
using tests::ServiceWorld;

constexpr std::string_view kTight = R"({"version":1,"floor":{"os":1}})";
constexpr std::string_view kTighter = R"({"version":1,"floor":{"os":2}})";
constexpr std::string_view kPath = "/v1/catalogs/acme/policies/default";

struct World : ServiceWorld {
  void ask_for_two_approvers() {
    auto catalog = *find<ports::CatalogRow>(kAcme);
    catalog.two_approvers = true;
    update(catalog);
  }
  json::Value told(const Response& response, int status) {
    CHECK(response.status == status);
    auto body = json::parse(response.body);
    REQUIRE(body);
    return *std::move(body);
  }
  std::string state(const Response& response) { return *told(response, 201).find("state")->text(); }
  std::string decide(std::string_view token, int version, std::string_view verb) {
    return reason_of(ask(token, "POST", cat(kPath, "/", version, "/", verb)));
  }
  Documents::Policy in_force() {
    Documents::Policy out;
    read([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(policy_in_force(tx, deps(), kAcme, kDefaultPolicy));
      return {};
    });
    return out;
  }

  std::string ada = token("ada", Scope::Operate, kAcme);
  std::string ben = token("ben", Scope::Operate, kAcme);
};

}  // namespace

TEST_CASE("a policy's version is the service's, and one that loosens nothing is in force at once") {
  World world;
  world.ask_for_two_approvers();
  CHECK(world.state(world.ask(world.ada, "POST", kPath, R"({"version":99,"floor":{"os":1}})")) == "approved");
  CHECK(world.state(world.ask(world.ada, "POST", kPath, kTighter)) == "approved");
  CHECK(world.in_force()->version == 2);
  CHECK(world.in_force()->floor.at("os") == 2);
}

TEST_CASE("what loosens is recognised, and waits for a second operator where the catalog says so") {
  World world;
  REQUIRE(world.ask(world.ada, "POST", kPath, kTighter).status == 201);
  const auto alone = world.told(world.ask(world.ada, "POST", kPath, kTight), 201);
  CHECK(*alone.find("state")->text() == "approved");  // this catalog asks for nobody else
  CHECK(alone.find("loosenings")->array()->size() == 1);
  REQUIRE(world.ask(world.ada, "POST", kPath, kTighter).status == 201);

  world.ask_for_two_approvers();
  CHECK(world.state(world.ask(world.ada, "POST", kPath, kTight)) == "proposed");
  CHECK(world.in_force()->floor.at("os") == 2);
  CHECK(world.decide(world.ada, 4, "approve") == kOwnProposal.word());
  CHECK(world.in_force()->floor.at("os") == 2);
  CHECK(world.decide(world.ben, 4, "approve").empty());
  CHECK(world.in_force()->floor.at("os") == 1);
  CHECK(world.decide(world.ben, 4, "approve") == kNotProposed.word());
}

TEST_CASE("a rejected version is never in force, and cannot be approved after") {
  World world;
  REQUIRE(world.ask(world.ada, "POST", kPath, kTighter).status == 201);
  world.ask_for_two_approvers();
  REQUIRE(world.state(world.ask(world.ada, "POST", kPath, kTight)) == "proposed");
  CHECK(world.decide(world.ben, 2, "reject").empty());
  CHECK(world.decide(world.ben, 2, "approve") == kNotProposed.word());
  CHECK(world.decide(world.ben, 3, "approve") == kNothingThere.word());
  CHECK(world.in_force()->floor.at("os") == 2);
}

TEST_CASE("however many proposals wait, the approved version before them stays in force") {
  World world;
  REQUIRE(world.ask(world.ada, "POST", kPath, kTighter).status == 201);
  world.ask_for_two_approvers();
  const auto approved = world.rows<ports::PolicyRow>(kAcme).front();
  for (int version = 2; version < 250; ++version) {
    ports::PolicyRow waiting = approved;
    waiting.version = version;
    waiting.state = version % 2 == 0 ? ports::PolicyState::Proposed : ports::PolicyState::Rejected;
    world.insert(waiting);
  }
  CHECK(world.in_force()->version == 1);
  CHECK(world.in_force()->floor.at("os") == 2);
}

}  // namespace holdfast::service::appraise

// Versions of a policy; which of them wait for approval is service/approval's.
#include "service/appraise/policies.h"
#include "service_world.h"

namespace holdfast::service::appraise {
namespace {

using tests::kAcme;
using tests::ServiceWorld;

constexpr std::string_view kTight = R"({"version":1,"floor":{"os":1}})";
constexpr std::string_view kTighter = R"({"version":1,"floor":{"os":2}})";
constexpr std::string_view kPath = "/v1/catalogs/acme/policies/default";

struct World : ServiceWorld {
  json::Value told(const Response& response, int status) {
    CHECK(response.status == status);
    auto body = json::parse(response.body);
    REQUIRE(body);
    return *std::move(body);
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
};

}  // namespace

TEST_CASE("a policy's version is the service's, and the newest is in force") {
  World world;
  CHECK(world.ask(world.ada, "POST", kPath, R"({"version":99,"floor":{"os":1}})").status == 201);
  CHECK(world.ask(world.ada, "POST", kPath, kTighter).status == 201);
  CHECK(world.in_force()->version == 2);
  CHECK(world.in_force()->floor.at("os") == 2);
}

TEST_CASE("what loosens is recognised, and put in force at once where the catalog asks for no approvals") {
  World world;
  REQUIRE(world.ask(world.ada, "POST", kPath, kTighter).status == 201);
  const auto looser = world.told(world.ask(world.ada, "POST", kPath, kTight), 201);
  CHECK(looser.find("loosenings")->array()->size() == 1);
  CHECK(world.in_force()->floor.at("os") == 1);
}

}  // namespace holdfast::service::appraise

#include "base/text.h"
#include "rotation_fleet.h"

using namespace holdfast;
using ports::KeyPurpose;
using tests::RotationFleet;

namespace {

using Names = std::vector<std::string>;

const Names kFirst = {"acme client CA 1", "acme client CA 1"};
const Names kSecond = {"acme client CA 2", "acme client CA 2"};
const Names kSecondUpdate = {"acme update CA 2", "acme update CA 2"};

/// The whole of it: both are replaced, and the old ones are retired when nothing of theirs is left.
void rotate_and_retire(RotationFleet& fleet) {
  fleet.rotate("client");
  fleet.rotate("update");
  fleet.run(minutes(5));
  CHECK(fleet.issuers(KeyPurpose::ClientCa) == kFirst);
  CHECK(fleet.state_of("client", 2) == "announced");
  fleet.run(minutes(25));
  CHECK(fleet.issuers(KeyPurpose::ClientCa) == kSecond);
  CHECK(fleet.issuers(KeyPurpose::UpdateCa) == kSecondUpdate);
  CHECK(fleet.state_of("client", 1) == "overlapping");
  fleet.run(hours(1));
  fleet.retire("client", 1);
  fleet.retire("update", 1);
  fleet.run(minutes(20));
  for (const std::string_view authority : {"client", "update"}) {
    CHECK(fleet.state_of(authority, 1) == "retired");
    CHECK(fleet.state_of(authority, 2) == "in-force");
  }
  CHECK(fleet.issuers(KeyPurpose::ClientCa) == kSecond);
}

void check_nobody_noticed(RotationFleet& fleet) {
  CHECK(fleet.refused_check_ins() == 0);
  CHECK(fleet.refused_by_relying() == Names{});
}

}  // namespace

TEST_CASE("no device and no relying service notices that the authorities are replaced, and all end with the new ones") {
  RotationFleet fleet(1);
  rotate_and_retire(fleet);
  check_nobody_noticed(fleet);
  for (const KeyPurpose purpose : {KeyPurpose::ClientCa, KeyPurpose::UpdateCa}) {
    CHECK_FALSE(fleet.find<ports::KeyRow>(purpose, 1));
    CHECK(fleet.find<ports::FormerAuthorityRow>(purpose, 1)->certificate);
  }
}

/// One authority and one device, so that every call can be the last.
void rotate_client(RotationFleet& fleet) {
  fleet.rotate("client");
  CHECK(fleet.state_of("client", 2) == "announced");
  fleet.run(minutes(20));
  CHECK(fleet.issuers(KeyPurpose::ClientCa) == Names{"acme client CA 2"});
  fleet.run(minutes(8));
  fleet.retire("client", 1);
  CHECK(fleet.state_of("client", 1) == "retired");
  CHECK(fleet.state_of("client", 2) == "in-force");
  CHECK(fleet.state_of("client", 3) == "nowhere");
}

TEST_CASE("a service whose power is cut at any step of a rotation goes through with it, and nobody notices") {
  std::int64_t calls = 0;
  {
    RotationFleet fleet(2, 1);
    const auto before = fleet.faults().calls();
    rotate_client(fleet);
    calls = fleet.faults().calls() - before;
  }
  MESSAGE("calls of the store: ", calls);
  REQUIRE(calls > 50);
  for (std::int64_t call = 0; call < calls; ++call) {
    CAPTURE(call);
    RotationFleet fleet(2, 1);
    fleet.faults().schedule({{fleet.faults().calls() + call, sim::fault::Cut::Before}});
    rotate_client(fleet);
    check_nobody_noticed(fleet);
  }
}

TEST_CASE("what is still out there keeps its authority, and one in force cannot be retired") {
  RotationFleet fleet(3);
  const auto reason = [&](std::int64_t number) {
    const auto answer = fleet.ask("POST", cat("/v1/catalogs/acme/authorities/client/", number, "/retire"));
    const json::Value body = *json::parse(answer->body);
    return *body.find("title")->text();
  };
  CHECK(reason(1) == "authority-in-use");
  fleet.rotate("client");
  CHECK(reason(2) == "authority-in-use");
  fleet.run(minutes(11));
  CHECK(fleet.state_of("client", 1) == "overlapping");
  CHECK(reason(1) == "authority-in-use");
  fleet.run(minutes(15));
  fleet.retire("client", 1);
  fleet.retire("client", 1);
  CHECK(reason(9) == "authority-missing");
}

TEST_CASE("a distrusted authority issues nothing more and has no list, and its devices come back by themselves") {
  RotationFleet fleet(4);
  fleet.distrust("client", 1);
  CHECK_FALSE(fleet.find<ports::KeyRow>(KeyPurpose::ClientCa, 1));
  fleet.run(minutes(7));
  // At most one for each device, which then attests; whose renewal comes first is not refused at all.
  const auto refused = fleet.refused_check_ins();
  CHECK(refused >= 1);
  CHECK(refused <= 2);
  CHECK(fleet.issuers(KeyPurpose::ClientCa) == Names{"none", "none"});
  CHECK(fleet.issuers(KeyPurpose::UpdateCa) == Names{"acme update CA 1", "acme update CA 1"});
  fleet.rotate("client");
  CHECK(fleet.state_of("client", 2) == "in-force");
  fleet.run(minutes(7));
  CHECK(fleet.refused_check_ins() == refused);
  CHECK(fleet.issuers(KeyPurpose::ClientCa) == kSecond);
  CHECK(fleet.state_of("client", 1) == "distrusted");
}

TEST_CASE("a service whose power is cut at any step of a distrust goes through with it, and its device comes back") {
  std::int64_t calls = 0;
  {
    RotationFleet fleet(7, 1);
    const auto before = fleet.faults().calls();
    fleet.distrust_and_replace("client", 1);
    calls = fleet.faults().calls() - before;
  }
  REQUIRE(calls > 10);
  for (std::int64_t call = 0; call < calls; ++call) {
    CAPTURE(call);
    RotationFleet fleet(7, 1);
    fleet.faults().schedule({{fleet.faults().calls() + call, sim::fault::Cut::Before}});
    fleet.distrust_and_replace("client", 1);
    fleet.run(minutes(8));
    CHECK(fleet.issuers(KeyPurpose::ClientCa) == Names{"acme client CA 2"});
    CHECK(fleet.state_of("client", 1) == "distrusted");
    CHECK(fleet.state_of("client", 3) == "nowhere");
  }
}

TEST_CASE("both authorities distrusted at once still let every device come back") {
  RotationFleet fleet(5);
  fleet.distrust("client", 1);
  fleet.distrust("update", 1);
  fleet.rotate("client");
  fleet.rotate("update");
  fleet.run(minutes(15));
  CHECK(fleet.issuers(KeyPurpose::ClientCa) == kSecond);
  CHECK(fleet.issuers(KeyPurpose::UpdateCa) == kSecondUpdate);
}

TEST_CASE("an announced authority takes the place of one that is distrusted at once") {
  RotationFleet fleet(6);
  fleet.rotate("client");
  CHECK(fleet.state_of("client", 2) == "announced");
  fleet.distrust("client", 1);
  CHECK(fleet.state_of("client", 2) == "in-force");
  fleet.run(minutes(7));
  CHECK(fleet.issuers(KeyPurpose::ClientCa) == kSecond);
}

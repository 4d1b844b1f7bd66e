// What deployments let a device run, from its director's word to the verdict on what it shows.
#include "base/text.h"
#include "fails_with.h"
#include "programs/simulation/release_desk.h"
#include "service/check_in/check_in.h"
#include "service/rollout/deployments.h"
#include "soft_device.h"

namespace holdfast::service::check_in {
namespace {

using programs::simulation::ReleaseDesk;
using tests::kAcme;
using tests::kAda;
using tests::kGroup;
using tests::kProduct;
using tests::ServiceWorld;
using tests::SoftDevice;

constexpr std::int64_t kPlaces = rollout::kPlaces;

Boot boot_of(std::string_view version) {
  return {{0, "firmware 1.0"}, {4, cat("boot image ", version)}, {11, cat("linux of ", version)}};
}

struct World : ServiceWorld {
  World() {
    REQUIRE(owner().appoint_director(deps(), now()));
    REQUIRE(owner().allow(deps(), tests::good_image(), now()));
    for (const char* version : {"2.0", "3.0", "4.0"}) {
      const auto set = reference_set("os", version, boot_of(version));
      REQUIRE(desk.add({.component = "os",
                        .version = version,
                        .content = to_blob(as_bytes(version)),
                        .kind = trust::update::ImageKind::Os,
                        .reference_values = to_blob(as_bytes(json::dump(trust::appraisal::to_json(set))))}));
    }
    REQUIRE(desk.add({"door", "1.0", 1, to_blob(as_bytes("a door"))}));
    REQUIRE(desk.publish(deps(), now()));
    for (SoftDevice* one : {&first, &second}) {
      one->join();
      REQUIRE(one->verdict() == "healthy");
    }
    if (place(first) > place(second)) std::swap(first, second);
  }

  static std::int64_t place(SoftDevice& device) { return rollout::place_of(kAcme, device.id()); }

  /// To the first device alone.
  void deploy(const std::string& path) {
    rollout::DeploymentOrder order{std::string(kAcme),
                                   std::string(kProduct),
                                   std::string(kGroup),
                                   {path},
                                   {{place(first) + 1, days(30)}, {kPlaces, {}}}};
    REQUIRE(write([&](ports::Transaction& tx) -> Result<void> {
      order.reference_sets = TRY(rollout::reference_values_of(tx, deps().images, order));
      TRY(rollout::deploy(tx, order, kAda, now()));
      return {};
    }));
  }
  wire::CheckInResult checks_in(SoftDevice& device, std::int64_t follows, std::vector<wire::Running> running = {}) {
    const DeviceCaller caller{std::string(kAcme), device.id(), ports::CertificateKind::Client};
    wire::CheckInRequest request;
    request.boot_count = device.row().boot_count;
    request.director = follows;
    request.running = std::move(running);
    const auto result = check_in(request, caller, deps(), now());
    REQUIRE(result);
    pass(minutes(1));
    return *result;
  }
  static std::string verdict_with(SoftDevice& device, const std::string& version) {
    device.boot(boot_of(version));
    device.says_it_runs({{"os", version, 1}});
    return device.verdict();
  }

  ReleaseDesk desk{owner(), kAcme};
  SoftDevice first{*this, "a"};
  SoftDevice second{*this, "b"};
};

}  // namespace

TEST_CASE("what is deployed to a device may run there, from when it was told until its places hold others") {
  World world;
  CHECK(World::verdict_with(world.first, "2.0") == "update-only");
  world.deploy("os/2.0/image");
  CHECK(World::verdict_with(world.first, "2.0") == "update-only");  // it was not told yet
  CHECK(world.checks_in(world.first, 0).director == 1);
  CHECK(world.checks_in(world.second, 0).director == 0);
  CHECK(World::verdict_with(world.first, "2.0") == "healthy");
  CHECK(World::verdict_with(world.second, "2.0") == "update-only");  // nor was this one ever
  world.checks_in(world.first, 1);

  world.deploy("os/3.0/image");
  CHECK(world.checks_in(world.first, 1).director == 2);
  CHECK(World::verdict_with(world.first, "3.0") == "healthy");
  CHECK(World::verdict_with(world.first, "2.0") == "healthy");  // the trial may fall back
  CHECK(World::verdict_with(world.first, "3.0") == "healthy");
  world.checks_in(world.first, 2);
  world.deploy("os/4.0/image");
  CHECK(world.checks_in(world.first, 2).director == 3);
  CHECK(World::verdict_with(world.first, "2.0") == "healthy");  // its place may not have been written yet
  CHECK(World::verdict_with(world.first, "4.0") == "healthy");
  world.checks_in(world.first, 3);
  CHECK(World::verdict_with(world.first, "2.0") == "update-only");
  CHECK(World::verdict_with(world.first, "3.0") == "healthy");
}

TEST_CASE("a device that runs what was withdrawn is asked to attest at once, and is update-only") {
  World world;
  world.deploy("os/2.0/image");
  world.checks_in(world.first, 0);
  REQUIRE(World::verdict_with(world.first, "2.0") == "healthy");
  const std::vector<wire::Running> runs = {{"os", "2.0", 1}};
  CHECK_FALSE(world.checks_in(world.first, 1, runs).attest_now);
  REQUIRE(world.desk.withdraw("os", "2.0", world.now()));
  REQUIRE(world.desk.publish(world.deps(), world.now()));
  CHECK(world.checks_in(world.first, 1, runs).attest_now);
  CHECK(world.first.verdict() == "update-only");
  CHECK_FALSE(world.checks_in(world.first, 1, runs).attest_now);
}

TEST_CASE("a withdrawn application makes a device update-only by its own word") {
  World world;
  world.first.says_it_started({{"door", "1.0", 1}});
  CHECK(world.first.verdict() == "healthy");
  REQUIRE(world.desk.withdraw("door", "1.0", world.now()));
  REQUIRE(world.desk.publish(world.deps(), world.now()));
  CHECK(world.first.verdict() == "update-only");
}

}  // namespace holdfast::service::check_in

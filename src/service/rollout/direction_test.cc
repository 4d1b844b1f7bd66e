#include <algorithm>
#include <set>

#include "rollout_world.h"

namespace holdfast::service::rollout {

TEST_CASE(
    "a device is told nothing until something is deployed, and then what its owner released, under the director's "
    "key") {
  RolloutWorld world;
  CHECK(world.asks(1) == 0);
  CHECK(fails_with(world.told(1), Next::NotFound));
  world.deploy("1.0");
  CHECK(world.asks(1) == 1);
  CHECK(world.asks(1) == 1);
  const auto told = world.told(1);
  REQUIRE(told);
  CHECK((*told)->images.contains("door/1.0/image"));
  CHECK((*told)->version == 1);
  world.deploy("2.0");
  CHECK(world.asks(1) == 2);
  CHECK((*world.told(1, 2))->images.contains("door/2.0/image"));
}

TEST_CASE("waves open one after the other, each when the one before has soaked") {
  RolloutWorld world;
  const auto first = world.deploy("1.0");
  CHECK(world.following(first) == kDevices);
  const auto second = world.deploy("2.0", {{kPlaces / 10, hours(1)}, {kPlaces / 2, hours(2)}, {kPlaces, {}}});
  const int canaries = world.following(second);
  CHECK(canaries > 20);
  CHECK(canaries < 65);
  CHECK(world.following(first) == kDevices - canaries);
  world.pass(minutes(59));
  CHECK(world.following(second) == canaries);
  world.pass(minutes(2));
  const int half = world.following(second);
  CHECK(half > 150);
  CHECK(half < 250);
  world.pass(hours(1));
  CHECK(world.following(second) == half);
  world.pass(hours(1));
  CHECK(world.following(second) == kDevices);
}

TEST_CASE("a paused deployment reaches nobody new, keeps whom it has, and goes on with a whole soak") {
  RolloutWorld world;
  const auto first = world.deploy("1.0");
  const auto second = world.deploy("2.0", {{kPlaces / 2, hours(1)}, {kPlaces, {}}});
  int told = 0;
  for (int i = 0; i < kDevices / 2; ++i) {
    world.asks(i);
    const auto row = world.find<ports::DirectionRow>(kAcme, cat("hf-", i));
    told += row->deployment == second ? 1 : 0;
  }
  CHECK(told > 0);
  world.change([&](ports::Transaction& tx) { return pause(tx, kAcme, second, "looks odd", kAda, world.now()); });
  CHECK(world.following(second) == told);
  CHECK(world.following(first) == kDevices - told);
  world.pass(hours(2));
  CHECK(world.following(second) == told);
  world.change([&](ports::Transaction& tx) { return resume(tx, kAcme, second, kAda, world.now()); });
  const int half = world.following(second);
  CHECK(half > told);
  CHECK(half < kDevices);
  world.pass(hours(1));
  CHECK(world.following(second) == kDevices);
}

TEST_CASE("an aborted deployment takes back those that had it, with a higher version, and no others") {
  RolloutWorld world;
  const auto first = world.deploy("1.0");
  CHECK(world.following(first) == kDevices);
  const auto second = world.deploy("2.0", {{kPlaces / 10, hours(1)}, {kPlaces, {}}});
  const int canaries = world.following(second);
  std::set<std::string> had;
  for (const auto& row : world.rows<ports::DirectionRow>(kAcme)) {
    if (row.deployment == second) had.insert(row.device);
  }
  world.change([&](ports::Transaction& tx) { return rollout::abort(tx, kAcme, second, "crashes", kAda, world.now()); });
  CHECK(world.following(first) == kDevices);
  int told_again = 0;
  for (const auto& row : world.rows<ports::DirectionRow>(kAcme)) {
    CHECK(row.version == (had.contains(row.device) ? 3 : 1));
    told_again += row.version == 3 ? 1 : 0;
  }
  CHECK(told_again == canaries);
  world.read([&](ports::Transaction& tx) -> Result<void> {
    CHECK(fails_with(resume(tx, kAcme, second, kAda, world.now()), kDeploymentEnded));
    return {};
  });
}

TEST_CASE("a version that was withdrawn is deployed nowhere any more, and devices that have it go back") {
  RolloutWorld world;
  const auto first = world.deploy("1.0");
  const auto second = world.deploy("2.0");
  CHECK(world.following(second) == kDevices);
  REQUIRE(world.desk.withdraw("door", "2.0", world.now()));
  REQUIRE(world.desk.publish(world.deps(), world.now()));
  REQUIRE(world.write([&](ports::Transaction& tx) { return abort_withdrawn(tx, kAcme, kAda, world.now()); }));
  CHECK(world.find<DeploymentRow>(kAcme, second)->reason == "door/2.0/image was withdrawn");
  CHECK(world.find<DeploymentRow>(kAcme, first)->state == ports::DeploymentState::Running);
  CHECK(world.following(first) == kDevices);
  CHECK(fails_with(world.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(rollout::deploy(tx, RolloutWorld::order("2.0", usual_waves()), kAda, world.now()));
    return {};
  }),
                   images::kImageUnknown));
}

TEST_CASE("a store that was restored directs its devices with a version above what they follow") {
  RolloutWorld world;
  world.deploy("1.0");
  CHECK(world.asks(1) == 1);
  world.says = [](const ports::DirectionRow&, wire::CheckInRequest& request) { request.director = 7; };
  CHECK(world.asks(1) == 8);
  CHECK((*world.told(1, 7))->images.contains("door/1.0/image"));
  world.says = [](const ports::DirectionRow&, wire::CheckInRequest& request) { request.director = 8; };
  CHECK(world.asks(1) == 8);
  world.says = [](const ports::DirectionRow&, wire::CheckInRequest& request) { request.director = INT64_MAX; };
  CHECK(world.asks(1) < trust::tuf::kVersionMax);
  CHECK(world.told(1));
}

TEST_CASE("a pinned device stays where it is, and follows its group again when it is let go") {
  RolloutWorld world;
  const auto first = world.deploy("1.0");
  world.change(
      [&](ports::Transaction& tx) { return pin(tx, kAcme, "hf-7", first, "on the bench", kAda, world.now()); });
  const auto second = world.deploy("2.0");
  CHECK(world.following(second) == kDevices - 1);
  CHECK(world.find<ports::DirectionRow>(kAcme, "hf-7")->deployment == first);
  world.change([&](ports::Transaction& tx) -> Result<int> {
    TRY(unpin(tx, kAcme, "hf-7", kAda, world.now()));
    return 0;
  });
  CHECK(world.following(second) == kDevices);
}

TEST_CASE("a release on which the canaries fall back is stopped, and reaches nobody else") {
  RolloutWorld world;
  const auto first = world.deploy("1.0");
  CHECK(world.following(first) == kDevices);
  world.pass(days(1));
  const auto second = world.deploy("2.0", {{kPlaces / 10, hours(1)}, {kPlaces, {}}});
  const int canaries = world.following(second);
  world.says = [&](const ports::DirectionRow& told, wire::CheckInRequest& request) {
    if (told.deployment != second) return;
    request.updates = {{"door", "door/2.0/image", wire::UpdatePhase::Failed, "application-down"}};
    request.counts = {{"door", "2.0", 1, 0, 1, 0, 3}};
  };
  world.following(second);
  const auto row = world.find<DeploymentRow>(kAcme, second);
  CHECK(row->state == ports::DeploymentState::Paused);
  CHECK(row->reason == "3 of 3 devices that tried it fell back");
  world.pass(days(2));
  CHECK(world.following(second) == canaries);
}

TEST_CASE("a wave that nobody has confirmed does not open the next, and one where all fall back is stopped") {
  RolloutWorld world;
  const auto number = world.deploy("1.0", {{kPlaces / 10, hours(1)}, {kPlaces, {}}});
  world.says = [](const ports::DirectionRow&, wire::CheckInRequest& request) {
    request.updates = {{"door", "door/1.0/image", wire::UpdatePhase::Fetching, ""}};
  };
  const int canaries = world.following(number);
  world.pass(days(1));
  CHECK(world.following(number) == canaries);
  bool is_said = false;
  world.says = [&](const ports::DirectionRow&, wire::CheckInRequest& request) {
    const auto phase = std::exchange(is_said, true) ? wire::UpdatePhase::Fetching : wire::UpdatePhase::Failed;
    request.updates = {{"door", "door/1.0/image", phase, ""}};
  };
  world.following(number);
  CHECK(world.following(number) == canaries);
  CHECK(world.find<DeploymentRow>(kAcme, number)->reason == "every device that tried it fell back: 1 of 1");
}

TEST_CASE("a wave waits for its devices to ask, and one that reaches none holds nobody up") {
  RolloutWorld world;
  const auto number = world.deploy("1.0", {{1, hours(1)}, {kPlaces / 2, hours(1)}, {kPlaces, {}}});
  REQUIRE(world.find<DeploymentRow>(kAcme, number)->reach.starts_with("[0,"));
  world.pass(hours(2));
  int canary = 0;
  while (place_of(kAcme, cat("hf-", canary)) >= kPlaces / 2) ++canary;
  int other = 0;
  while (place_of(kAcme, cat("hf-", other)) < kPlaces / 2) ++other;
  CHECK(world.asks(other) == 0);
  CHECK(world.find<DeploymentRow>(kAcme, number)->wave == 1);
  world.pass(hours(2));
  CHECK(world.asks(other) == 0);
  CHECK(world.find<DeploymentRow>(kAcme, number)->wave == 1);
  CHECK(world.asks(canary) == 1);
  CHECK(world.asks(canary) == 1);
  CHECK(world.asks(other) == 1);
}

TEST_CASE("a device that says the same crash again and again counts once") {
  RolloutWorld world;
  const auto number = world.deploy("1.0");
  world.asks(1);
  std::int64_t crashes = 0;
  world.says = [&](const ports::DirectionRow&, wire::CheckInRequest& request) {
    request.counts = {{"door", "1.0", 1, 0, 0, 0, ++crashes}};
  };
  for (int i = 0; i < 5; ++i) {
    world.pass(minutes(5));
    world.asks(1);
  }
  world.read([&](ports::Transaction& tx) -> Result<void> {
    const auto tally = TRY(read_tally(TRY(tally_of(tx, kAcme, number))));
    CHECK(tally.took == 1);
    CHECK(tally.confirmed == 1);
    CHECK(tally.pairs[static_cast<std::size_t>(Harm::Crash)] == Pairs{1, 0});
    return {};
  });
}

TEST_CASE("what was not released, is for another product, or stands beside itself is not deployed") {
  RolloutWorld world;
  REQUIRE(world.desk.add({"os", "1.0", 4, to_blob(as_bytes("os"))}));
  REQUIRE(world.desk.add({"needy", "1.0", 1, to_blob(as_bytes("n")), {{"os", 5, {}}}}));
  REQUIRE(world.desk.add({"other", "1.0", 1, to_blob(as_bytes("o")), {}, "another-product"}));
  REQUIRE(world.desk.publish(world.deps(), world.now()));
  const auto refused = [&](std::vector<std::string> images, Reason reason) {
    auto order = RolloutWorld::order("1.0", usual_waves());
    order.images = std::move(images);
    return fails_with(world.write([&](ports::Transaction& tx) -> Result<void> {
      TRY(deploy(tx, order, kAda, world.now()));
      return {};
    }),
                      reason);
  };
  CHECK(refused({"door/9.0/image"}, images::kImageUnknown));
  CHECK(refused({"door/1.0/image", "door/2.0/image"}, kImagesTwice));
  CHECK(refused({"other/1.0/image"}, kImageUnfit));
  CHECK(refused({"needy/1.0/image", "os/1.0/image"}, kImageUnfit));
  CHECK(refused({}, kInputMalformed));
  CHECK(world.rows<DeploymentRow>(kAcme).empty());
}

TEST_CASE("settings are a component of the set, and what they do is counted for its deployment") {
  RolloutWorld world;
  programs::simulation::NewImage settings{"door-settings", "7", 1, to_blob(as_bytes("{}")), {{"door", 1, 1}}};
  settings.kind = trust::update::ImageKind::Configuration;
  REQUIRE(world.desk.add(settings));
  REQUIRE(world.desk.publish(world.deps(), world.now()));
  world.change([&](ports::Transaction& tx) {
    auto order = RolloutWorld::order("1.0", {{kPlaces, {}}});
    order.images.push_back("door-settings/7/image");
    return deploy(tx, order, kAda, world.now());
  });
  world.says = [](const ports::DirectionRow&, wire::CheckInRequest& request) {
    request.updates = {{"door-settings", "door-settings/7/image", wire::UpdatePhase::Failed, "crash-loop"}};
    request.counts = {{"door-settings", "7", 1, 0, 1, 0, 3}};
  };
  world.following(1);
  world.following(1);
  CHECK((*world.told(1))->images.contains("door-settings/7/image"));
  CHECK(world.find<DeploymentRow>(kAcme, 1)->reason.ends_with("devices that tried it fell back"));
}

TEST_CASE("a service that the trust policy does not name directs nobody") {
  ServiceWorld world;
  ReleaseDesk desk(world.owner(), kAcme);
  world.read([&](ports::Transaction& tx) -> Result<void> {
    CHECK(fails_with(director_in_force(tx, kAcme), kDirectorUnnamed));
    return {};
  });
}

}  // namespace holdfast::service::rollout

#include "service/rollout/freezes.h"

#include <algorithm>

#include "rollout_world.h"

namespace holdfast::service::rollout {

TEST_CASE("while updates are frozen nobody is told of anything newer, and no wave opens") {
  RolloutWorld world;
  const auto first = world.deploy("1.0");
  const auto second = world.deploy("2.0", {{kPlaces / 10, hours(1)}, {kPlaces, {}}});
  CHECK(world.following(second) > 20);
  const int canaries = world.following(second);
  const auto frozen = [&](std::string_view group, Duration from, Duration until) {
    std::int64_t number = 0;
    world.change([&](ports::Transaction& tx) -> Result<void> {
      const FreezeOrder order{std::string(kAcme),  group.empty() ? "" : std::string(kProduct),
                              std::string(group),  world.now() + from,
                              world.now() + until, "holidays"};
      number = TRY(freeze(tx, order, kAda, world.now())).number;
      return {};
    });
    return number;
  };
  frozen(kGroup, minutes(30), hours(4));
  world.pass(hours(2));
  CHECK(world.following(second) == canaries);  // it has soaked
  const auto third = world.deploy("3.0");
  CHECK(world.following(third) == 0);
  const auto device = *world.find<ports::DeviceRow>(kAcme, "hf-1");
  std::vector<std::string> why;
  world.read([&](ports::Transaction& tx) -> Result<void> {
    why = TRY(choose(tx, device, world.now())).why;
    return {};
  });
  CHECK(std::ranges::any_of(why, [](const std::string& one) { return one.contains("frozen until"); }));

  world.change([&](ports::Transaction& tx) { return rollout::abort(tx, kAcme, second, "crashes", kAda, world.now()); });
  CHECK(world.following(first) == kDevices);  // taking back goes on
  world.pass(hours(3));
  CHECK(world.following(third) == kDevices);
  const auto last = frozen("", {}, days(3));
  const auto fourth = world.deploy("2.0");
  CHECK(world.following(fourth) == 0);
  world.change([&](ports::Transaction& tx) { return thaw(tx, kAcme, last, kAda, world.now()); });
  CHECK(world.following(fourth) == kDevices);
}

TEST_CASE("a freeze lasts a bounded time, ends once, and many that are over make room") {
  RolloutWorld world;
  const auto order = [&](Duration from, Duration until) {
    return FreezeOrder{std::string(kAcme), "", "", world.now() + from, world.now() + until, ""};
  };
  const auto tried = [&](const FreezeOrder& one) {
    return world.write([&](ports::Transaction& tx) -> Result<void> {
      TRY(freeze(tx, one, kAda, world.now()));
      return {};
    });
  };
  CHECK(fails_with(tried(order(hours(2), hours(1))), kFreezeMalformed));
  CHECK(fails_with(tried(order({}, {})), kFreezeMalformed));
  CHECK(fails_with(tried(order({}, days(367))), kFreezeMalformed));
  auto elsewhere = order({}, hours(1));
  elsewhere.product = "toaster";
  CHECK(fails_with(tried(elsewhere), Next::NotFound));
  for (std::size_t i = 0; i < kFreezesMax; ++i) REQUIRE(tried(order({}, hours(1))));
  CHECK(fails_with(tried(order({}, hours(1))), kTooManyFreezes));
  world.pass(hours(2));
  CHECK(tried(order({}, hours(1))));
  CHECK(world.rows<ports::FreezeRow>(kAcme).back().number == kFreezesMax + 1);  // none is given twice
  const auto ended = world.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(thaw(tx, kAcme, 64, kAda, world.now()));
    return {};
  });
  CHECK(fails_with(ended, kFreezeOver));
}

}  // namespace holdfast::service::rollout

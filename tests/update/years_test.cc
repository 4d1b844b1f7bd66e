#include "programs/simulation/years.h"

#include <doctest/doctest.h>

#include "programs/simulation/machine_watch.h"
#include "programs/simulation/steward.h"

namespace holdfast::programs::simulation {
namespace {

void run_for(World& world, Machine& machine, Duration time) {
  const Instant end = world.clock().now() + time;
  while (world.clock().now() < end) {
    world.clock().advance_to(std::max(machine.step(), world.clock().now() + Duration(1)));
  }
}

}  // namespace

TEST_CASE("in a single year devices sleep over its rotation, wake with wrong clocks and outlive expired metadata") {
  const auto report = run_years({.seed = 3, .years = 1, .devices = 4});
  REQUIRE(report);
  CHECK(report->violations.empty());
  CHECK(report->slept_over_all >= 2);
  CHECK(report->wrong_clocks > 0);
  CHECK(report->expired_metadata > 0);
}

TEST_CASE("the same seed plays the same years, another one others") {
  const YearsOptions options{.seed = 3, .years = 1, .devices = 1};
  const auto first = run_years(options);
  REQUIRE(first);
  CHECK((run_years(options)->digest == first->digest));
  CHECK((run_years({.seed = 4, .years = 1, .devices = 1})->digest != first->digest));
}

TEST_CASE("documents that went back and an image that nobody released are seen by the watch") {
  World world(1);
  Steward steward(world);
  REQUIRE(steward.begin());
  const auto machine = world.new_machine("device", steward.first());
  REQUIRE(machine);
  (*machine)->boot();
  run_for(world, **machine, hours(2));
  Machine older(world.host(), world.clock(), world.fork("older"), steward.first());
  older.copy_disk_from(**machine);
  REQUIRE(steward.act(Act::RotateKeys));
  run_for(world, **machine, hours(2));
  MachineWatch watch;
  CHECK(watch.look(**machine, world.clock().wall_time()).empty());
  CHECK(watch.root() == 2);
  CHECK(watch.look(older, world.clock().wall_time()).size() >= 2);
  const ImageShelf empty(world.fork("another shelf"));
  Machine stranger(world.host(), world.clock(), world.fork("stranger"),
                   FirstImages{empty, steward.system(), steward.application()});
  CHECK_FALSE(MachineWatch().look(stranger, world.clock().wall_time()).empty());
}

}  // namespace holdfast::programs::simulation

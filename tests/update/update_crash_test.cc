#include <string>

#include "medium_bench.h"
#include "programs/simulation/update_story.h"

using namespace holdfast;
using programs::simulation::run_one_update_crash;
using programs::simulation::run_update_crashes;

TEST_CASE("without a power cut each story ends as it should") {
  for (const char* story : {"full", "delta", "application", "no-boot", "unhealthy", "unhealthy-application", "away",
                            "settings", "crashing-settings"}) {
    const auto done = run_one_update_crash(1, std::string(story) + "/whole/");
    CHECK_MESSAGE(done, std::string(story), ": ", done ? std::string() : done.error().message);
  }
}

TEST_CASE(
    "a power cut before or after any call of an update leaves a device that boots, says what it runs, and goes on") {
  const auto reports = run_update_crashes({});
  if (!reports) FAIL(reports.error().message);
  for (const auto& one : *reports) {
    MESSAGE(one.story, ": ", one.calls, " calls, ", one.schedules, " schedules");
    CHECK(one.schedules == 4 * one.calls);
  }
}

TEST_CASE("a power cut before or after any call costs a device nothing of what is carried to it") {
  tests::MediumBench bench;
  bench.carry({bench.release(tests::kSecond)});
  const auto kept = bench.machine.keep();
  const WallTime wall = bench.machine.clock().wall_time();
  auto& faults = bench.machine.faults();
  const auto calls_of = [&](std::vector<sim::fault::PowerCut> cuts) -> std::int64_t {
    bench.machine.put_back(kept, wall);
    bench.machine.service_is_away = true;
    const std::int64_t begun = faults.calls();
    for (auto& cut : cuts) cut.call += begun;
    faults.schedule(cuts);
    CHECK_MESSAGE(bench.runs(hours(12), "2.0"), "cut at ", faults.cut_at());
    CHECK(bench.machine.slots().facts("main")->confirmed == ports::Slot::B);
    return faults.calls() - begun;
  };
  const std::int64_t calls = calls_of({});
  CHECK(calls > 50);
  for (std::int64_t call = 0; call < calls; ++call) {
    for (const auto when : {sim::fault::Cut::Before, sim::fault::Cut::After}) calls_of({{call, when}});
  }
  MESSAGE("calls: ", calls);
}

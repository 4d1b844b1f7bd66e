#include <doctest/doctest.h>

#include <string>

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

#include "device/update/trial.h"

#include <doctest/doctest.h>

namespace holdfast::device::update {
namespace {

Attempt an_attempt() {
  Attempt out;
  out.holding.version = "2.0";
  return out;
}

TrialSeen all_well() { return {.is_attested = true, .is_healthy = true, .has_checked_in = true, .running = "2.0"}; }

bool is_blamed(const TrialSeen& seen, std::string_view reason) {
  const TrialJudgement judged = judge_trial(an_attempt(), seen);
  return judged.verdict == TrialVerdict::FallBack && judged.ending.is_image && judged.ending.reason == reason;
}

}  // namespace

TEST_CASE("an image is kept when it runs, is attested healthy and has reached the service") {
  CHECK(judge_trial(an_attempt(), all_well()).verdict == TrialVerdict::Keep);
}

TEST_CASE("as long as one of these is missing the trial goes on until its window ends") {
  for (const int missing : {0, 1}) {
    TrialSeen seen = all_well();
    (missing == 0 ? seen.is_attested : seen.has_checked_in) = false;
    CHECK(judge_trial(an_attempt(), seen).verdict == TrialVerdict::GoOn);
    seen.lasted = kHealthWindow;
    const TrialJudgement judged = judge_trial(an_attempt(), seen);
    CHECK(judged.verdict == TrialVerdict::FallBack);
    CHECK_FALSE(judged.ending.is_image);
    CHECK(judged.ending.reason == kServiceUnreached);
  }
}

TEST_CASE("a verdict below healthy is the image's fault, at once") {
  TrialSeen seen = all_well();
  seen.is_healthy = false;
  CHECK(is_blamed(seen, kUnhealthy));
}

TEST_CASE("what starts in place is not to blame for a device that was unhealthy before") {
  Attempt attempt = an_attempt();
  attempt.was_unhealthy = true;
  TrialSeen seen = all_well();
  seen.is_healthy = false;
  attempt.holding.kind = trust::update::ImageKind::Application;
  CHECK(judge_trial(attempt, seen).verdict == TrialVerdict::Keep);
  seen.crashes = kCrashesMax;
  CHECK(judge_trial(attempt, seen).verdict == TrialVerdict::FallBack);
}

TEST_CASE("an operating system is not to blame for a floor that its device lost before, and for anything else it is") {
  Attempt attempt = an_attempt();
  TrialSeen seen = all_well();
  seen.is_healthy = false;
  seen.lacks_floor_alone = true;
  CHECK(is_blamed(seen, kUnhealthy));
  attempt.was_unhealthy = true;
  CHECK(judge_trial(attempt, seen).verdict == TrialVerdict::Keep);
  seen.lacks_floor_alone = false;
  CHECK(judge_trial(attempt, seen).verdict == TrialVerdict::FallBack);
}

TEST_CASE("success is never reported over a failed step: another version that runs is no success") {
  TrialSeen seen = all_well();
  seen.running = "1.0";
  CHECK(is_blamed(seen, kOtherVersion));
  seen.running.reset();
  CHECK(is_blamed(seen, kOtherVersion));
}

TEST_CASE("one that crashed is not kept before its window ends, however well it looks in between") {
  TrialSeen seen = all_well();
  seen.crashes = 1;
  CHECK(judge_trial(an_attempt(), seen).verdict == TrialVerdict::GoOn);
  seen.lasted = kHealthWindow;
  CHECK(judge_trial(an_attempt(), seen).verdict == TrialVerdict::Keep);
}

TEST_CASE("an application that crashes again and again during its trial falls back") {
  TrialSeen seen = all_well();
  seen.crashes = kCrashesMax;
  CHECK(is_blamed(seen, kCrashLoop));
}

TEST_CASE("by the owner's leave an image is kept alone once it ran long enough, and not one that did anything wrong") {
  TrialSeen seen;
  seen.running = all_well().running;
  seen.kept_alone_after = minutes(30);
  seen.lasted = minutes(29);
  CHECK(judge_trial(an_attempt(), seen).verdict == TrialVerdict::GoOn);
  seen.lasted = minutes(30);
  CHECK(judge_trial(an_attempt(), seen).verdict == TrialVerdict::Keep);
  seen.running = "1.0";
  CHECK(is_blamed(seen, kOtherVersion));
  seen.running = all_well().running;
  seen.crashes = kCrashesMax;
  CHECK(is_blamed(seen, kCrashLoop));
  seen.crashes = 0;
  seen.is_attested = true;
  CHECK(is_blamed(seen, kUnhealthy));
}

}  // namespace holdfast::device::update

#include "trust/appraisal/image_checks.h"

#include <doctest/doctest.h>

#include "appraised_device.h"

namespace holdfast::trust::appraisal {

TEST_CASE("a version that was not measured is update-only, as is a silence about it") {
  AttestingDevice one = device();
  one.running = {{"os", "3"}};
  check_update_only(judged(one), Check::VersionsKnown);
  one.running = {};
  check_update_only(judged(one), Check::VersionsKnown);
  one.running = {{"os", "2"}, {"app\x1b[2J", "1"}};
  const Appraisal appraisal = judged(one);
  check_update_only(appraisal, Check::VersionsKnown);
  CHECK(finding_of(appraisal, Check::VersionsKnown).seen.find('\x1b') == std::string::npos);
  one.running = {{"os", "2"}, {"firmware", "1.0"}};
  CHECK(judged(one).verdict == Verdict::Healthy);
}

TEST_CASE("a version below the floor is update-only, be it the policy's or the device's own") {
  Policy policy;
  policy.floor = {{"os", 6}};
  check_update_only(judged(device(), policy), Check::AboveFloor);
  policy.floor = {{"os", 5}};
  CHECK(judged(device(), policy).verdict == Verdict::Healthy);
  const AttestingDevice one = device();
  auto expected = one.expectations({&kFirmware, &kOs});
  expected.recorded_floor = {{"os", 6}};
  check_update_only(appraise(one.evidence(), expected, policy), Check::AboveFloor);
}

TEST_CASE("a vault whose floor fell is update-only, whatever runs above it") {
  AttestingDevice one = device();
  auto expected = one.expectations({&kFirmware, &kOs});
  expected.recorded_floor = {{"os", 4}, {"door", 9}};
  check_update_only(appraise(one.evidence(), expected, Policy()), Check::AboveFloor);
  one.floors = {{"os", 3}};
  check_update_only(appraise(one.evidence(), expected, Policy()), Check::AboveFloor);
  one.floors = {{"os", 4}};
  CHECK(appraise(one.evidence(), expected, Policy()).verdict == Verdict::Healthy);
}

TEST_CASE("a withdrawn image is update-only, so is one that measures like it, and one that is only said to run") {
  Policy policy;
  policy.withdrawn = {{"os", "2"}};
  check_update_only(judged(device(), policy), Check::NotWithdrawn);
  ReferenceSet twin = kOs;
  twin.version = "2-rebuilt";
  policy.withdrawn = {{"os", "2-rebuilt"}};
  AttestingDevice one = device();
  check_update_only(appraise(one.evidence(), one.expectations({&kFirmware, &kOs, &twin}), policy), Check::NotWithdrawn);
  auto by_owner = one.expectations({&kFirmware, &kOs});
  const std::vector<ImageName> door = {{"door", "2"}};
  by_owner.withdrawn = door;
  CHECK(appraise(one.evidence(), by_owner, {}).verdict == Verdict::Healthy);
  one.running.push_back({"door", "2"});
  CHECK(finding_of(appraise(one.evidence(), by_owner, {}), Check::NotWithdrawn).outcome == Outcome::Failed);
}

}  // namespace holdfast::trust::appraisal

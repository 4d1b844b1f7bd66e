#include "trust/appraisal/released_set.h"

#include <doctest/doctest.h>

#include "fails_with.h"

namespace holdfast::trust::appraisal {
namespace {

const Release kSystem{{"os", "2.0"}, 3, true};
const ReferenceSet kRight{"os", "2.0", 3, {}, {{4, {1}, "kernel"}, {11, {2}, "root"}}};

Result<ReferenceSet> read(const ReferenceSet& set, const Release& release = kSystem) {
  return parse_released_set(as_bytes(json::dump(to_json(set))), release);
}

}  // namespace

TEST_CASE("reference values are those of the release that brings them") {
  CHECK((*read(kRight) == kRight));
  auto other = kRight;
  other.component = "firmware";
  CHECK(fails_with(read(other), kReferenceValuesUnfit));
  other = kRight;
  other.version = "2.1";
  CHECK(fails_with(read(other), kReferenceValuesUnfit));
  other = kRight;
  other.security_version = 4;
  CHECK(fails_with(read(other), kReferenceValuesUnfit));
  other = kRight;
  other.source = ReferenceSource::Baseline;
  CHECK(fails_with(read(other), kReferenceValuesUnfit));
}

TEST_CASE("what is no operating system says nothing of how the device boots") {
  auto release = kSystem;
  release.is_system = false;
  auto set = kRight;
  CHECK(fails_with(read(set, release), kReferenceValuesUnfit));
  set.events = {{kStartedPcr, {1}, "door"}};
  CHECK(read(set, release));
}

}  // namespace holdfast::trust::appraisal

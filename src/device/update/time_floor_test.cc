#include "device/update/time_floor.h"

#include <doctest/doctest.h>

#include "sim/disk/memory_disk.h"

namespace holdfast::device::update {
namespace {

constexpr WallTime kLost{0};
const WallTime kFarAway = kBuilt + days(3650);

}  // namespace

TEST_CASE("a clock at 1970 is taken for when this version was made") {
  sim::disk::MemoryDisk disk;
  CHECK(*TimeFloor(disk).judged({}, kLost) == kBuilt);
  CHECK(*TimeFloor(disk).judged({}, kBuilt + days(5)) == kBuilt + days(5));
}

TEST_CASE("the floor outlives the boot that heard the time") {
  sim::disk::MemoryDisk disk;
  TimeFloor first(disk);
  REQUIRE(first.hear(kBuilt + days(40), {}, kFarAway));
  CHECK(*first.judged(Instant{} + hours(1), kLost) == kBuilt + days(40) + hours(1));
  CHECK(*TimeFloor(disk).judged({}, kLost) == kBuilt + days(40));
}

TEST_CASE("it is written at most daily") {
  sim::disk::MemoryDisk disk;
  TimeFloor floor(disk);
  REQUIRE(floor.hear(kBuilt + days(40), {}, kFarAway));
  const Blob written = **disk.read(kTimeFloorRecord);
  REQUIRE(floor.hear(kBuilt + days(40) + hours(23), Instant{} + hours(23), kFarAway));
  CHECK(**disk.read(kTimeFloorRecord) == written);
  REQUIRE(floor.hear(kBuilt + days(41), Instant{} + hours(24), kFarAway));
  CHECK(**disk.read(kTimeFloorRecord) != written);
}

TEST_CASE("a service whose clock is at 2090 does not end what was verified: the device comes back by itself") {
  sim::disk::MemoryDisk disk;
  TimeFloor floor(disk);
  const WallTime good_until = kBuilt + days(300);
  REQUIRE(floor.hear(*parse_rfc3339("2090-01-01T00:00:00Z"), {}, good_until));
  CHECK(*floor.judged({}, kBuilt) < good_until);
  CHECK(*TimeFloor(disk).judged({}, kBuilt) < good_until);
}

TEST_CASE("indefinite freeze: a clock that agrees with what was told ends what was verified, neither does alone") {
  const WallTime good_until = kBuilt + days(30);
  const WallTime real = kBuilt + days(400);
  sim::disk::MemoryDisk disk;
  TimeFloor floor(disk);
  REQUIRE(floor.hear(real, {}, good_until));
  CHECK(*floor.judged({}, real) == real);
  CHECK(*floor.judged({}, kFarAway) == real);
  CHECK(*floor.judged({}, kLost) < good_until);
  CHECK(*floor.earliest({}) < good_until);
  CHECK(*TimeFloor(disk).earliest({}) < good_until);
}

TEST_CASE("a clock at 2100 is corrected by the time that was told in this boot") {
  sim::disk::MemoryDisk disk;
  TimeFloor floor(disk);
  const WallTime wrong = *parse_rfc3339("2100-01-01T00:00:00Z");
  CHECK(*floor.judged({}, wrong) == wrong);
  REQUIRE(floor.hear(kBuilt + days(2), {}, kFarAway));
  CHECK(*floor.judged(Instant{} + minutes(1), wrong) == kBuilt + days(2) + minutes(1));
}

TEST_CASE("what has passed for certain is what was told in this boot, else the floor") {
  sim::disk::MemoryDisk disk;
  TimeFloor floor(disk);
  CHECK(*floor.earliest({}) == kBuilt);
  REQUIRE(floor.hear(kBuilt + days(40), {}, kFarAway));
  CHECK(*floor.earliest(Instant{} + hours(1)) == kBuilt + days(40) + hours(1));
  CHECK(*TimeFloor(disk).earliest(Instant{} + days(9)) == kBuilt + days(40));
}

TEST_CASE("the floor never goes back, whatever is told or written") {
  sim::disk::MemoryDisk disk;
  TimeFloor floor(disk);
  REQUIRE(floor.hear(kBuilt + days(40), {}, kFarAway));
  REQUIRE(floor.hear(kBuilt + days(3), {}, kFarAway));
  CHECK(*floor.judged({}, kLost) == kBuilt + days(40));
  REQUIRE(disk.write(kTimeFloorRecord, as_bytes("nonsense")));
  CHECK(*TimeFloor(disk).judged({}, kLost) == kBuilt);
}

TEST_CASE("the owner takes the floor back, never before this version was made and never up") {
  sim::disk::MemoryDisk disk;
  TimeFloor floor(disk);
  REQUIRE(floor.hear(kBuilt + days(4000), {}, kFarAway));
  REQUIRE(floor.lower(kBuilt + days(40)));
  CHECK(*floor.judged({}, kLost) == kBuilt + days(40));
  CHECK(*TimeFloor(disk).judged({}, kLost) == kBuilt + days(40));
  CHECK(floor.wants({}));
  REQUIRE(floor.lower(kBuilt + days(50)));
  CHECK(*floor.judged({}, kLost) == kBuilt + days(40));
  REQUIRE(floor.lower(kLost));
  CHECK(*TimeFloor(disk).judged({}, kLost) == kBuilt);
}

}  // namespace holdfast::device::update

#include "sim/fault/faults.h"

#include <doctest/doctest.h>

#include "sim/disk/memory_disk.h"
#include "sim/fault/ports.h"

using namespace holdfast;
using namespace holdfast::sim::fault;

namespace {
const Blob kOld = {1};
const Blob kNew = {2};
}  // namespace

TEST_CASE("a cut before a call leaves the old record, a cut after it the new one, and nobody hears either") {
  for (const Cut when : {Cut::Before, Cut::After}) {
    sim::disk::MemoryDisk disk;
    REQUIRE(disk.write("record", kOld));
    Faults faults;
    FaultyDisk faulty(faults, disk);
    faults.schedule({{.call = 1, .when = when}});
    REQUIRE(faulty.read("record"));
    CHECK(faulty.write("record", kNew).error().reason == kCrashed);
    CHECK(faults.crashed());
    CHECK(**disk.read("record") == (when == Cut::Before ? kOld : kNew));
  }
}

TEST_CASE("without power no call does anything, and none is counted") {
  sim::disk::MemoryDisk disk;
  Faults faults;
  FaultyDisk faulty(faults, disk);
  faults.schedule({{.call = 0, .when = Cut::Before}});
  CHECK(faulty.write("record", kOld).error().reason == kCrashed);
  CHECK(faulty.write("record", kNew).error().reason == kCrashed);
  CHECK(faulty.read("record").error().reason == kCrashed);
  CHECK(faults.calls() == 1);
  CHECK_FALSE(*disk.read("record"));
}

TEST_CASE("a moment is a cut that leaves what no cut before it left") {
  sim::disk::MemoryDisk disk;
  Faults faults;
  FaultyDisk faulty(faults, disk);
  REQUIRE(faulty.read("record"));
  faults.schedule({});
  REQUIRE(faulty.read("record"));
  REQUIRE(faulty.read("record"));
  REQUIRE(faulty.write("record", kOld));
  REQUIRE(faulty.read("record"));
  faults.note_change();
  REQUIRE(faulty.read("record"));
  CHECK(faults.moments() == std::vector<PowerCut>{{1, Cut::Before}, {3, Cut::After}, {5, Cut::Before}});
}

TEST_CASE("numbers go on over a restart, so that two cuts are one schedule") {
  sim::disk::MemoryDisk disk;
  Faults faults;
  FaultyDisk faulty(faults, disk);
  faults.schedule({{.call = 0, .when = Cut::After}, {.call = 2, .when = Cut::Before}});
  CHECK_FALSE(faulty.write("record", kOld));
  CHECK(faults.cut_at() == "after call 0, disk.write record");
  faults.restart();
  CHECK(faulty.read("record"));
  CHECK_FALSE(faulty.write("record", kNew));
  faults.restart();
  CHECK(**faulty.read("record") == kOld);
}

#include "sim/disk/memory_disk.h"

#include <doctest/doctest.h>

using namespace holdfast;
using sim::disk::MemoryDisk;

TEST_CASE("a record is there until it is removed, and a second removal is none") {
  MemoryDisk disk;
  CHECK_FALSE(*disk.read("record"));
  REQUIRE(disk.write("record", Blob{1, 2}));
  CHECK(**disk.read("record") == Blob{1, 2});
  const MemoryDisk copy = disk;
  CHECK(disk.remove("record"));
  CHECK(disk.remove("record"));
  CHECK_FALSE(*disk.read("record"));
  CHECK(copy.records().size() == 1);
}

TEST_CASE("names and sizes that the port forbids are refused") {
  MemoryDisk disk;
  for (const char* name : {"", "A", "../x", "-x", ".x", "a/b"}) CHECK_FALSE(disk.write(name, Blob{1}));
  CHECK_FALSE(disk.write(std::string(65, 'a'), Blob{1}));
  CHECK_FALSE(disk.write("a", Blob(ports::kDiskRecordBytesMax + 1)));
  CHECK(disk.records().empty());
}

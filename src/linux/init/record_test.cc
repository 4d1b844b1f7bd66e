#include "linux/init/record.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "linux/system/files.h"
#include "temporary_folder.h"

namespace holdfast::linux::init {
namespace {

constexpr std::size_t kPartitionBytes = 1024 * 1024;
constexpr std::size_t kSectorBytes = 512;

Record record_of(std::int64_t boots, std::size_t private_bytes = 0) {
  Record out;
  out.boots = boots;
  if (private_bytes > 0)
    out.sealed = ports::VaultKey{Blob(40, 1), Blob(private_bytes, static_cast<std::uint8_t>(boots))};
  return out;
}

struct Partition {
  tests::TemporaryFolder folder;
  std::filesystem::path device = folder.path() / "record";
  Partition() { put(Blob(kPartitionBytes)); }
  void put(Bytes bytes) const { REQUIRE(system::write_file(device, bytes, system::FileMode::Private)); }
  Blob bytes() const { return *system::read_file(device, kPartitionBytes); }
  Record read() const { return RecordPartition::open(device)->record(); }
};

}  // namespace

TEST_CASE("a record is what was written last, and nothing in a partition where nothing was") {
  const Partition one;
  CHECK((one.read() == Record{}));
  auto opened = RecordPartition::open(one.device);
  REQUIRE(opened);
  for (std::int64_t boots = 1; boots < 6; ++boots) {
    REQUIRE(opened->write(record_of(boots, 100)));
    CHECK((one.read() == record_of(boots, 100)));
  }
  CHECK_FALSE(RecordPartition::open(one.folder.path() / "nothing"));
}

TEST_CASE("what a reset has still to take is part of the record, and no other word is") {
  Record record = record_of(7);
  record.reset = Reset::Settings;
  record.has_seen_presence = true;
  CHECK((*parse_record(as_bytes(to_json(record))) == record));
  CHECK_FALSE(parse_record(as_bytes(R"({"boots": 7, "reset": "everything"})")));
}

TEST_CASE("a write that is cut anywhere leaves the record of before, or the new one") {
  const Partition one;
  auto opened = RecordPartition::open(one.device);
  REQUIRE(opened->write(record_of(1, 1000)));
  REQUIRE(opened->write(record_of(2, 1000)));
  const Blob before = one.bytes();
  REQUIRE(opened->write(record_of(3, 1000)));
  const Blob after = one.bytes();
  int cuts = 0;
  for (std::size_t at = 0; at < kPartitionBytes; at += kSectorBytes) {
    if (std::equal(before.begin() + static_cast<long>(at), before.begin() + static_cast<long>(at + kSectorBytes),
                   after.begin() + static_cast<long>(at))) {
      continue;
    }
    // The sectors before `at` were written, or those from there on, or this one alone.
    Blob head = before, tail = before, alone = before;
    std::copy(after.begin(), after.begin() + static_cast<long>(at), head.begin());
    std::copy(after.begin() + static_cast<long>(at), after.end(), tail.begin() + static_cast<long>(at));
    std::copy_n(after.begin() + static_cast<long>(at), kSectorBytes, alone.begin() + static_cast<long>(at));
    for (const Blob& cut : {head, tail, alone}) {
      one.put(cut);
      const Record seen = one.read();
      CHECK((seen == record_of(2, 1000) || seen == record_of(3, 1000)));
      auto again = RecordPartition::open(one.device);
      REQUIRE(again->write(record_of(9)));
      CHECK((one.read() == record_of(9)));
      ++cuts;
    }
  }
  CHECK(cuts > 6);
}

TEST_CASE("what is overwritten is in neither copy any more") {
  const Partition one;
  auto opened = RecordPartition::open(one.device);
  REQUIRE(opened->write(record_of(1, 2000)));
  REQUIRE(opened->write(record_of(1, 2000)));
  REQUIRE(opened->write(record_of(1)));
  const auto holds_key = [&] {
    const Blob left = one.bytes();
    return !std::ranges::search(left, as_bytes(std::string_view("AQEBAQEB"))).empty();
  };
  CHECK(holds_key());
  REQUIRE(opened->overwrite(record_of(1)));
  CHECK((one.read() == record_of(1)));
  CHECK_FALSE(holds_key());
}

TEST_CASE("what a later version put into a record stays in it") {
  const std::string text = R"({"boots":4,"was_open":true,"later":{"a":[1]}})";
  auto record = parse_record(as_bytes(text));
  REQUIRE(record);
  CHECK(to_json(*record) == text);
}

TEST_CASE("a record that is damaged is none") {
  CHECK_FALSE(parse_record(as_bytes("{}")));
  CHECK_FALSE(parse_record(as_bytes(R"({"boots": -1})")));
  CHECK((*parse_record(as_bytes(to_json(record_of(7, 3)))) == record_of(7, 3)));
}

}  // namespace holdfast::linux::init

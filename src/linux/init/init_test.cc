#include <doctest/doctest.h>

#include "fails_with.h"
#include "linux/init/partition.h"
#include "linux/init/supervision.h"
#include "linux/system/files.h"
#include "temporary_folder.h"

namespace holdfast::linux::init {
namespace {

void lay_partition(const std::filesystem::path& blocks, const std::string& device, const std::string& name) {
  std::filesystem::create_directories(blocks / device);
  const std::string uevent = "MAJOR=254\nDEVNAME=" + device + "\nDEVTYPE=partition\nPARTN=1\nPARTNAME=" + name + "\n";
  REQUIRE(system::write_file(blocks / device / "uevent", as_bytes(uevent), system::FileMode::Public));
}

}  // namespace

TEST_CASE("a partition is found by its name, and not where two have it") {
  tests::TemporaryFolder folder;
  lay_partition(folder.path(), "vda1", "slot-a");
  lay_partition(folder.path(), "vda2", "slot-b");
  lay_partition(folder.path(), "vda3", "data");
  const auto data = partition_named("data", folder.path());
  REQUIRE(data);
  CHECK(*data == "/dev/vda3");
  CHECK(fails_with(partition_named("slot", folder.path()), kPartitionMissing));
  lay_partition(folder.path(), "vdb1", "data");
  CHECK(fails_with(partition_named("data", folder.path()), kPartitionMissing));
}

TEST_CASE("what ends is started again, later each time, and after many ends in a row only a boot helps") {
  Supervised agent("agent", true);
  Instant now{1000};
  Duration last{};
  for (int end = 1; end <= kEndsMax; ++end) {
    CHECK_FALSE(agent.is_lost());
    agent.started(now);
    CHECK(agent.runs());
    CHECK_FALSE(agent.start_at());
    agent.ended(now);
    REQUIRE(agent.start_at());
    CHECK(*agent.start_at() - now > last);
    last = *agent.start_at() - now;
    now = *agent.start_at();
  }
  CHECK(agent.is_lost());
}

TEST_CASE("what did its work is started when it is to do it again, whatever ended before") {
  Supervised time("time", false);
  time.started(Instant{1000});
  time.ended(Instant{2000});
  time.started(Instant{3000});
  time.rests(Instant{9000});
  CHECK_FALSE(time.runs());
  CHECK((time.start_at() == Instant{9000}));
  CHECK(time.ends() == 0);
  time.started(Instant{9000});
  time.ended(Instant{9100});
  time.hurry(Instant{9200});
  CHECK((time.start_at() == Instant{9200}));
  CHECK(time.ends() == 1);
}

TEST_CASE("what ran long is well: its end is a first one again") {
  Supervised agent("agent", true);
  Instant now{1000};
  for (int end = 0; end < 3 * kEndsMax; ++end) {
    agent.started(now);
    now = now + kWellAfter;
    agent.ended(now);
    CHECK(*agent.start_at() - now == kRestartFirst);
  }
  CHECK_FALSE(agent.is_lost());
}

TEST_CASE("what was killed because it did nothing was not well, however long it ran") {
  Supervised agent("agent", true);
  Instant now{1000};
  for (int end = 0; end < kEndsMax; ++end) {
    agent.started(now);
    now = now + 2 * kWellAfter;
    agent.ended(now, true);
  }
  CHECK(agent.is_lost());
}

TEST_CASE("what a device can be without is waited for, never booted for") {
  Supervised network("network", false);
  for (int end = 0; end < 100; ++end) {
    network.started(Instant{end});
    network.ended(Instant{end});
  }
  CHECK_FALSE(network.is_lost());
  CHECK(*network.start_at() - Instant{99} == kRestartMax);
}

}  // namespace holdfast::linux::init

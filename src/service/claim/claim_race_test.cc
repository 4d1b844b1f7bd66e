// One ticket, one chip and many threads on the store that ships.
#include <thread>

#include "linux/store/sqlite/database.h"
#include "linux/system/random.h"
#include "ports/store/migration.h"
#include "ports/store/rows/device.h"
#include "service/claim/tickets.h"
#include "soft_device.h"
#include "temporary_folder.h"

namespace holdfast::service::claim {
namespace {

using tests::kAcme;
using tests::SoftDevice;

constexpr int kThreads = 8;

struct Disk {
  tests::TemporaryFolder folder;
  std::unique_ptr<linux::store::sqlite::Database> store =
      *linux::store::sqlite::Database::open({.path = (folder.path() / "store.db").string()}, ports::migrations());
  linux::system::SystemRandom random;
};

/// What each thread's call failed with; empty: it did not.
template <class Call>
std::vector<std::string> at_once(Call call) {
  std::vector<std::string> out(kThreads);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const auto result = call(i);
      if (!result) out[i] = result.error().reason.word();
    });
  }
  threads.clear();
  return out;
}

}  // namespace

TEST_CASE("a ticket works once, however many chips prove themselves with it at the same moment") {
  Disk disk;
  tests::ServiceWorld world(*disk.store, disk.random);
  const Blob ticket = *world.owner().ticket(world.deps(), {}, world.now());
  std::vector<SoftDevice> devices;
  std::vector<wire::EnrollChallenge> challenges;
  for (int i = 0; i < kThreads; ++i) {
    devices.emplace_back(world, std::string("chip ") + std::to_string(i));
    REQUIRE(world.owner().expect_key(world.deps(), devices.back().ek_sha256(), world.now()));
    challenges.push_back(*devices.back().begin(ticket));
  }
  const auto failures = at_once([&](std::size_t i) { return devices[i].prove(challenges[i]); });
  CHECK(std::ranges::count(failures, "") == 1);
  CHECK(std::ranges::count(failures, kTicketConsumed.word()) == kThreads - 1);
  CHECK(world.rows<ports::DeviceRow>(kAcme).size() == 1);
}

TEST_CASE("one chip that enrols on many threads at once is one device") {
  Disk disk;
  tests::ServiceWorld world(*disk.store, disk.random);
  SoftDevice device(world, "chip");
  REQUIRE(world.owner().expect_key(world.deps(), device.ek_sha256(), world.now()));
  std::vector<wire::EnrollChallenge> challenges;
  for (int i = 0; i < kThreads; ++i) challenges.push_back(*device.begin());
  const auto failures = at_once([&](std::size_t i) { return device.prove(challenges[i]); });
  CHECK(std::ranges::count(failures, "") == kThreads);
  CHECK(world.rows<ports::DeviceRow>(kAcme).size() == 1);
  CHECK(device.row().enrolments == 1);
}

}  // namespace holdfast::service::claim

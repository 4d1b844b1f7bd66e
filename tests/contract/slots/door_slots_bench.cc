// The places of a firmware through the door of the first process, which a thread of this one keeps.
#include <sys/socket.h>

#include <thread>

#include "firmware_world.h"
#include "linux/door/door_keeper.h"
#include "linux/door/door_slots.h"
#include "linux/slots/joined_slots.h"
#include "linux/system/clock.h"

namespace holdfast::tests {
namespace {

using linux::door::DoorKeeper;
using linux::door::DoorSlots;
using linux::slots::JoinedSlots;
using linux::system::Descriptor;

/// Of a device that has something sealed: the first process boots it.
class BootingSystem final : public linux::door::System {
 public:
  Result<void> erase() override { return fail(Next::Retry, linux::door::kDoorBoots, "it boots"); }
  Result<void> follow_network(Bytes settings) override {
    if (to_text(settings) == "nonsense") return fail(Next::Rejected, linux::door::kDoorRefused, "expected settings");
    network = to_text(settings);
    return {};
  }
  Result<void> end_reset() override {
    has_ended_reset = true;
    return {};
  }

  std::string network;
  bool has_ended_reset = false;
};

class DoorBench final : public SlotsBench {
 public:
  DoorBench() { boot(); }
  ~DoorBench() override { shut(); }
  ports::Slots& slots() override { return *slots_; }
  void boot() override {
    shut();
    world_.boot();
    int both[2] = {-1, -1};
    REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, both) == 0);
    door_.emplace(Descriptor(both[0]));
    keeper_ = std::thread([this, theirs = both[1]] {
      const Descriptor open(theirs);
      BootingSystem system;
      linux::system::SystemClock clock;
      DoorKeeper keeper(&world_.system(), system, clock, {1'000'000, minutes(5)});
      while (keeper.answer_one(open.number()).value_or(false)) {
      }
    });
    slots_.emplace(std::vector<ports::Slots*>{&world_.apps(), &*door_});
  }

 private:
  void shut() {
    slots_.reset();
    door_.reset();
    if (keeper_.joinable()) keeper_.join();
  }
  FirmwareWorld world_;
  std::optional<DoorSlots> door_;
  std::thread keeper_;
  std::optional<JoinedSlots> slots_;
};

}  // namespace

std::unique_ptr<SlotsBench> new_slots() { return std::make_unique<DoorBench>(); }

TEST_CASE("the first process answers nonsense with what it expected, and goes on") {
  FirmwareWorld world;
  world.boot();
  int both[2] = {-1, -1};
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, both) == 0);
  const Descriptor ours(both[0]);
  const Descriptor theirs(both[1]);
  BootingSystem system;
  linux::system::SystemClock clock;
  DoorKeeper keeper(&world.system(), system, clock);
  for (const Blob& nonsense : {Blob{10}, Blob{0, 0}, Blob(12, 0xFF), Blob(1000, 1)}) {
    REQUIRE(linux::door::send_datagram(ours.number(), nonsense, -1));
    CHECK(*keeper.answer_one(theirs.number()));
    const auto answer = linux::door::receive_datagram(ours.number());
    REQUIRE(answer);
    CHECK_FALSE(linux::door::Answer::decode(answer->bytes));
    CHECK_FALSE(answer->opened.is_open());
  }
  CHECK(world.system().facts("os")->trial == ports::Trial::None);
}

TEST_CASE("who asks for the sealed storage to be erased hears that the device boots for it") {
  int both[2] = {-1, -1};
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, both) == 0);
  const Descriptor theirs(both[1]);
  BootingSystem system;
  linux::system::SystemClock clock;
  DoorKeeper keeper(nullptr, system, clock);
  std::thread first_process([&] { CHECK(*keeper.answer_one(theirs.number())); });
  DoorSlots door{Descriptor(both[0])};
  const auto erased = door.erase();
  first_process.join();
  REQUIRE_FALSE(erased);
  CHECK(erased.error().reason == linux::door::kDoorBoots);
}

TEST_CASE(
    "the first process hears of network settings and of a reset's end, also where there are no places, and not too "
    "often") {
  int both[2] = {-1, -1};
  REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, both) == 0);
  BootingSystem system;
  std::thread first_process([&system, theirs = both[1]] {
    const Descriptor open(theirs);
    linux::system::SystemClock clock;
    DoorKeeper keeper(nullptr, system, clock, {2, hours(1)});
    while (keeper.answer_one(open.number()).value_or(false)) {
    }
  });
  {
    DoorSlots door{Descriptor(both[0])};
    CHECK(door.follow_network(as_bytes("{}")));
    const auto refused = door.follow_network(as_bytes("nonsense"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == linux::door::kDoorRefused);
    CHECK(door.end_reset());
    const auto often = door.follow_network(as_bytes("{}"));
    REQUIRE_FALSE(often);
    CHECK(often.error().reason == linux::door::kDoorBusy);
    CHECK(often.error().next == Next::Retry);
    CHECK(door.alive());
  }
  first_process.join();
  CHECK(system.network == "{}");
  CHECK(system.has_ended_reset);
}

}  // namespace holdfast::tests

#include "fails_with.h"
#include "firmware_world.h"
#include "linux/slots/joined_slots.h"

namespace holdfast::tests {
namespace {

using linux::slots::JoinedSlots;
using ports::Slot;
using ports::Trial;

class FirmwareBench final : public SlotsBench {
 public:
  FirmwareBench() { boot(); }
  ports::Slots& slots() override { return *slots_; }
  void boot() override {
    world_.boot();
    const auto healed = world_.system().heal();
    REQUIRE(healed);
    CHECK_FALSE(*healed);
    slots_.emplace(std::vector<ports::Slots*>{&world_.apps(), &world_.system()});
  }

 private:
  FirmwareWorld world_;
  std::optional<JoinedSlots> slots_;
};

constexpr linux::efi::VariableName kBootNext{firmware::kGlobalVariable, "BootNext"};

}  // namespace

std::unique_ptr<SlotsBench> new_slots() { return std::make_unique<FirmwareBench>(); }

TEST_CASE("where firmware cannot start what is confirmed, what it took instead is confirmed from then on") {
  FirmwareWorld world;
  world.boot();
  const std::uint16_t place_b = firmware::kBootPlaceB;
  world.start(firmware::boot_numbers({&place_b, 1}));
  REQUIRE(world.system().facts("os")->trial == Trial::Running);
  CHECK(*world.system().heal());
  CHECK(world.system().facts("os")->confirmed == Slot::B);
  CHECK(world.system().facts("os")->trial == Trial::None);
  world.boot();
  CHECK(world.system().facts("os")->running == Slot::B);
}

TEST_CASE("what firmware takes instead is confirmed also where it failed a trial before") {
  FirmwareWorld world;
  world.boot();
  REQUIRE(world.system().arm("os", 1));
  world.boot();
  world.boot();
  REQUIRE(*world.system().note_failure());
  const std::uint16_t place_b = firmware::kBootPlaceB;
  world.start(firmware::boot_numbers({&place_b, 1}));
  CHECK(*world.system().heal());
  CHECK(world.system().facts("os")->confirmed == Slot::B);
}

TEST_CASE("a power cut while it is armed leaves it armed or not, and never a trial that failed without a boot") {
  FirmwareWorld world;
  world.boot();
  REQUIRE(world.system().arm("os", 1));
  REQUIRE(world.variables().remove(kBootNext));
  CHECK(world.system().facts("os")->trial == Trial::Failed);  // armed, and started: firmware took BootNext away
  CHECK(*world.system().note_failure());
  CHECK_FALSE(*world.system().note_failure());
  CHECK(world.system().facts("os")->trial == Trial::Failed);
  REQUIRE(world.system().write("os", 0, {}));
  CHECK(world.system().facts("os")->trial == Trial::None);
}

TEST_CASE("what must not run gives way to the other place, and a trial of it to what is confirmed") {
  FirmwareWorld world;
  world.boot();
  REQUIRE(world.system().arm("os", 1));
  world.boot();
  REQUIRE(world.system().give_up());
  world.boot();
  CHECK(world.system().facts("os")->running == Slot::A);
  REQUIRE(world.system().give_up());
  world.boot();
  CHECK(world.system().facts("os")->running == Slot::B);
  CHECK(world.system().facts("os")->confirmed == Slot::B);
}

TEST_CASE("a system that was started from elsewhere has no places") {
  FirmwareWorld world;
  world.boot();
  const std::uint16_t shell = 7;
  REQUIRE(world.variables().write({firmware::kGlobalVariable, "BootCurrent"}, firmware::boot_numbers({&shell, 1})));
  CHECK(fails_with(world.system().facts("os"), ports::kSlotsFailed));
}

}  // namespace holdfast::tests

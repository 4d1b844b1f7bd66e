#include <doctest/doctest.h>

#include "fails_with.h"
#include "slots_bench.h"

namespace holdfast::tests {
namespace {

using ports::Slot;
using ports::SlotFacts;
using ports::Trial;

const Blob kNew = {'t', 'w', 'o', '!'};

struct Contract {
  std::unique_ptr<SlotsBench> bench = new_slots();
  ports::Slots& slots() { return bench->slots(); }
  SlotFacts facts(std::string_view component) {
    const auto facts = slots().facts(component);
    REQUIRE(facts);
    return *facts;
  }
  Blob read(std::string_view component, Slot slot, std::size_t bytes) {
    const auto read = slots().read(component, slot, 0, bytes);
    REQUIRE(read);
    return *read;
  }
  void stage(std::string_view component) {
    REQUIRE(slots().write(component, 0, kNew));
    REQUIRE(slots().sync(component));
    REQUIRE(slots().arm(component, std::ssize(kNew)));
  }
};

}  // namespace

TEST_CASE("at first place A is confirmed and runs, and nothing is tried") {
  Contract contract;
  for (const char* component : {"app", "os"}) {
    const SlotFacts facts = contract.facts(component);
    CHECK(facts.confirmed == Slot::A);
    CHECK(facts.running == Slot::A);
    CHECK(facts.trial == Trial::None);
    CHECK(facts.capacity == kBenchCapacity);
    CHECK(contract.read(component, Slot::A, kBenchImage.size()) == kBenchImage);
  }
}

TEST_CASE("what has places is listed") {
  Contract contract;
  const auto listed = contract.slots().components();
  REQUIRE(listed);
  CHECK(*listed == std::vector<std::string>{"app", "os"});
}

TEST_CASE("a component that is not there is missing, to every call") {
  Contract contract;
  ports::Slots& slots = contract.slots();
  CHECK(fails_with(slots.facts("none"), ports::kSlotsMissing));
  CHECK(fails_with(slots.read("none", Slot::A, 0, 1), ports::kSlotsMissing));
  CHECK(fails_with(slots.write("none", 0, kNew), ports::kSlotsMissing));
  CHECK(fails_with(slots.sync("none"), ports::kSlotsMissing));
  CHECK(fails_with(slots.arm("none", 1), ports::kSlotsMissing));
  CHECK(fails_with(slots.confirm("none"), ports::kSlotsMissing));
  CHECK(fails_with(slots.restart("none"), ports::kSlotsMissing));
}

TEST_CASE("what is written is read back from the spare place, and is there after a power cut once it was synced") {
  Contract contract;
  REQUIRE(contract.slots().write("os", 0, kNew));
  CHECK(contract.read("os", Slot::B, kNew.size()) == kNew);
  CHECK(contract.read("os", Slot::A, kBenchImage.size()) == kBenchImage);
  REQUIRE(contract.slots().sync("os"));
  contract.bench->boot();
  CHECK(contract.read("os", Slot::B, kNew.size()) == kNew);
  CHECK(contract.facts("os").running == Slot::A);
}

TEST_CASE("a place takes its capacity and no byte more") {
  Contract contract;
  ports::Slots& slots = contract.slots();
  CHECK(slots.write("os", kBenchCapacity - std::ssize(kNew), kNew));
  CHECK(fails_with(slots.write("os", kBenchCapacity - 1, kNew), ports::kSlotsFull));
  CHECK(fails_with(slots.write("os", -1, kNew), ports::kSlotsFull));
  CHECK(fails_with(slots.write("os", INT64_MAX, kNew), ports::kSlotsFull));
  CHECK(fails_with(slots.arm("os", kBenchCapacity + 1), ports::kSlotsFull));
  CHECK(slots.read("os", Slot::B, kBenchCapacity - 2, 100)->size() == 2);
  CHECK(slots.read("os", Slot::B, kBenchCapacity, 100)->empty());
}

TEST_CASE("what was armed is tried once, and the confirmed place comes back by itself") {
  for (const char* component : {"app", "os"}) {
    Contract contract;
    contract.stage(component);
    CHECK(contract.facts(component).trial == Trial::Armed);
    contract.bench->boot();
    CHECK(contract.facts(component).trial == Trial::Running);
    CHECK(contract.facts(component).running == Slot::B);
    CHECK(contract.facts(component).confirmed == Slot::A);
    contract.bench->boot();
    CHECK(contract.facts(component).trial == Trial::Failed);
    CHECK(contract.facts(component).running == Slot::A);
  }
}

TEST_CASE("what is confirmed stays, and the other place is the spare one from then on") {
  Contract contract;
  contract.stage("os");
  contract.bench->boot();
  REQUIRE(contract.slots().confirm("os"));
  REQUIRE(contract.slots().confirm("os"));
  contract.bench->boot();
  const SlotFacts facts = contract.facts("os");
  CHECK(facts.confirmed == Slot::B);
  CHECK(facts.running == Slot::B);
  CHECK(facts.trial == Trial::None);
  REQUIRE(contract.slots().write("os", 0, Blob{1}));
  CHECK(contract.read("os", Slot::A, 1) == Blob{1});
  CHECK(contract.read("os", Slot::B, kNew.size()) == kNew);
}

TEST_CASE("during a trial the place to fall back to is not written, and nothing else is armed") {
  Contract contract;
  contract.stage("os");
  contract.bench->boot();
  CHECK(fails_with(contract.slots().write("os", 0, kNew), ports::kSlotsBusy));
  CHECK(fails_with(contract.slots().arm("os", 1), ports::kSlotsBusy));
  CHECK(contract.read("os", Slot::A, kBenchImage.size()) == kBenchImage);
}

TEST_CASE("writing to what was armed, or was tried, disarms it") {
  Contract contract;
  contract.stage("os");
  REQUIRE(contract.slots().write("os", 0, Blob{1}));
  CHECK(contract.facts("os").trial == Trial::None);
  contract.bench->boot();
  CHECK(contract.facts("os").running == Slot::A);
}

TEST_CASE("a restart in place tries what is armed, and falls back where nothing is") {
  Contract contract;
  contract.stage("app");
  REQUIRE(contract.slots().restart("app"));
  CHECK(contract.facts("app").trial == Trial::Running);
  CHECK(contract.facts("app").running == Slot::B);
  REQUIRE(contract.slots().restart("app"));
  CHECK(contract.facts("app").trial == Trial::Failed);
  CHECK(contract.facts("app").running == Slot::A);
  CHECK(contract.facts("os").trial == Trial::None);
}

TEST_CASE("a restart of what needs a boot changes nothing before the boot") {
  Contract contract;
  contract.stage("os");
  REQUIRE(contract.slots().restart("os"));
  CHECK(contract.facts("os").trial == Trial::Armed);
  CHECK(contract.facts("os").running == Slot::A);
}

}  // namespace holdfast::tests

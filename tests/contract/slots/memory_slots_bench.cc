#include "sim/random/seeded_random.h"
#include "sim/slots/memory_slots.h"
#include "slots_bench.h"

namespace holdfast::tests {
namespace {

class MemoryBench final : public SlotsBench {
 public:
  MemoryBench() {
    slots_.add("app", kBenchImage, false, kBenchCapacity);
    slots_.add("os", kBenchImage, true, kBenchCapacity);
    slots_.start();
  }
  ports::Slots& slots() override { return slots_; }
  void boot() override {
    slots_.lose_power(true);
    slots_.start();
  }

 private:
  sim::random::SeededRandom random_{1};
  sim::slots::MemorySlots slots_{random_};
};

}  // namespace

std::unique_ptr<SlotsBench> new_slots() { return std::make_unique<MemoryBench>(); }

}  // namespace holdfast::tests

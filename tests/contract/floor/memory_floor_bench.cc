#include "floor_bench.h"
#include "sim/slots/memory_slots.h"

namespace holdfast::tests {
namespace {

class MemoryBench final : public FloorBench {
 public:
  ports::Floor& floor() override { return floor_; }
  void power_cycle() override {}

 private:
  sim::slots::MemoryFloor floor_;
};

}  // namespace

std::unique_ptr<FloorBench> new_floor() { return std::make_unique<MemoryBench>(); }

}  // namespace holdfast::tests

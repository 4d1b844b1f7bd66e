// The floor that the contract's tests run against.
#pragma once

#include <memory>

#include "ports/floor.h"

namespace holdfast::tests {

class FloorBench {
 public:
  virtual ~FloorBench() = default;
  virtual ports::Floor& floor() = 0;
  /// The power goes and comes back.
  virtual void power_cycle() = 0;
};

/// None where it cannot be had here.
std::unique_ptr<FloorBench> new_floor();

}  // namespace holdfast::tests

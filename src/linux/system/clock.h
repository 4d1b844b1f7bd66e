// The machine's clocks. Instants come from CLOCK_BOOTTIME, which also counts while the machine sleeps.
#pragma once

#include "ports/clock.h"

namespace holdfast::linux::system {

class SystemClock final : public ports::Clock {
 public:
  Instant now() override;
  WallTime wall_time() override;
};

}  // namespace holdfast::linux::system

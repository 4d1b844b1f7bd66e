// Time that goes on only when it is told to. The wall clock runs beside the instants and may jump, as real ones do.
#pragma once

#include "base/check.h"
#include "ports/clock.h"

namespace holdfast::sim::clock {

class VirtualClock final : public ports::Clock {
 public:
  explicit VirtualClock(WallTime start) : wall_(start) {}

  Instant now() override { return now_; }
  WallTime wall_time() override { return wall_; }

  void advance(Duration by) {
    CHECK_INVARIANT(by >= Duration::zero());
    now_ = now_ + by;
    wall_ = wall_ + by;
  }
  /// To `at`, unless it has passed.
  void advance_to(Instant at) {
    if (at > now_) advance(at - now_);
  }
  /// The wall clock alone.
  void jump_to(WallTime wall) { wall_ = wall; }

 private:
  Instant now_;
  WallTime wall_;
};

}  // namespace holdfast::sim::clock

// A clock that a test sets. It may be read from the threads of a server.
#pragma once

#include <atomic>

#include "ports/clock.h"

namespace holdfast::test {

class SetClock final : public ports::Clock {
 public:
  explicit SetClock(WallTime start) : start_(start) {}
  Instant now() override { return {elapsed_ms_.load()}; }
  WallTime wall_time() override { return {start_.ms + elapsed_ms_.load()}; }
  void advance(Duration by) { elapsed_ms_ += by.count(); }

 private:
  const WallTime start_;
  std::atomic<std::int64_t> elapsed_ms_ = 1'000'000;
};

}  // namespace holdfast::test

#include "linux/system/clock.h"

#include <ctime>

#include "base/check.h"

namespace holdfast::linux::system {
namespace {

std::int64_t milliseconds_of(clockid_t clock) {
  timespec time{};
  CHECK_INVARIANT(clock_gettime(clock, &time) == 0);
  return std::int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

}  // namespace

Instant SystemClock::now() { return {milliseconds_of(CLOCK_BOOTTIME)}; }

WallTime SystemClock::wall_time() { return {milliseconds_of(CLOCK_REALTIME)}; }

}  // namespace holdfast::linux::system

// Two kinds of time. Instant never goes back and means nothing outside this boot; WallTime is what certificates are
// judged by. Neither is read here: a Clock port hands them in.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace holdfast {

using Duration = std::chrono::milliseconds;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Milliseconds on a clock that only goes forward.
struct Instant {
  std::int64_t ms = 0;
  friend auto operator<=>(Instant, Instant) = default;
  friend Instant operator+(Instant at, Duration by) { return {at.ms + by.count()}; }
  friend Duration operator-(Instant a, Instant b) { return Duration(a.ms - b.ms); }
};

/// Milliseconds since 1970-01-01T00:00:00Z.
struct WallTime {
  std::int64_t ms = 0;
  friend auto operator<=>(WallTime, WallTime) = default;
  friend WallTime operator+(WallTime at, Duration by) { return {at.ms + by.count()}; }
  friend WallTime operator-(WallTime at, Duration by) { return {at.ms - by.count()}; }
  friend Duration operator-(WallTime a, WallTime b) { return Duration(a.ms - b.ms); }
  static constexpr WallTime from_seconds(std::int64_t s) { return {s * 1000}; }
  std::int64_t whole_seconds() const { return ms >= 0 ? ms / 1000 : -((999 - ms) / 1000); }
};

inline constexpr Reason kTimeMalformed{"time-malformed"};

/// RFC 3339 in UTC to the second, `2026-11-23T08:09:30Z`.
std::string to_rfc3339(WallTime time);

/// Takes exactly that form (years 0000 to 9999); anything else is Rejected.
Result<WallTime> parse_rfc3339(std::string_view text);

/// For people: `90s`, `15min`, `24h`, `7d`.
std::string to_text(Duration duration);
Result<Duration> parse_duration(std::string_view text);

}  // namespace holdfast

// What an owner, or whoever uses the device, asks of updates: how fast they may be fetched, when, and how long a
// restart may be put off. Pure arithmetic; "check now" passes over all of it but the speed.
#pragma once

#include <optional>

#include "base/time.h"

namespace holdfast::device::update {

inline constexpr Reason kWindowMalformed{"window-malformed"};

/// Each day from `from` after midnight UTC, over midnight where it is long enough.
struct Window {
  Duration from{};
  Duration length = hours(24);
};

/// How often a day the spare place of a component may be begun to be filled: nobody wears the storage out by saying now
/// this and now that. "Check now" does not pass over it.
inline constexpr std::int64_t kFillsPerDay = 8;

struct Settings {
  std::int64_t bytes_per_second = 0;  ///< 0: as fast as it goes
  std::optional<Window> window;       ///< of fetching and of restarts; none: always
  Duration deferral_max = days(7);    ///< how long a restart waits for a device that is in use
};

/// `22:00+4h`: when it opens, in UTC, and for how long, at most a day.
Result<Window> parse_window(std::string_view text);

/// How long a fetch of this many bytes is to last at least.
Duration pace(const Settings& settings, std::size_t bytes);

/// How long until the window is open: zero while it is.
Duration until_open(const Settings& settings, WallTime now);

}  // namespace holdfast::device::update

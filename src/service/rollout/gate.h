// Whether a deployment does harm, from what its devices say (docs/decisions/0015-a-gate-that-a-few-cannot-move.md).
// A device is compared with itself: what went wrong in the time since it has the images, and what did in as long a time
// before. A device counts once for each kind of harm, however often it says it, and one device in a hundred may lie:
// that many are taken off before anything is concluded. One may look as often as one likes.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace holdfast::service::rollout {

enum class Harm {
  Crash,       ///< an application ended by a signal, with a status other than 0, or by its watchdog
  FailedBoot,  ///< started, and never said that it is up
  Fallback,    ///< of the images themselves, not because the world was away
  Unhealthy,   ///< attested, and not judged healthy
};
inline constexpr std::size_t kHarms = 4;
std::string_view name_of(Harm harm);  ///< crash, failed-boot, fallback, unhealthy

/// How long a device is watched, and how far back it is looked at.
inline constexpr Duration kWatched = days(7);
/// Of the devices that were judged by their owners' rules to be healthy, how many may lie: one in so many.
inline constexpr std::int64_t kLiarsOneIn = 100;
/// That a deployment which changes nothing is ever stopped: at most this often, over all looks and all kinds.
inline constexpr double kFalseStops = 0.02;

/// Devices whose word differs before and since; those that say the same both times say nothing.
struct Pairs {
  std::int64_t worse = 0;   ///< harm since, none before
  std::int64_t better = 0;  ///< harm before, none since
  friend bool operator==(const Pairs&, const Pairs&) = default;
};

struct Tally {
  std::int64_t took = 0;  ///< devices that tried the images: they confirmed them, or fell back
  std::int64_t confirmed = 0;
  std::array<Pairs, kHarms> pairs{};  ///< by Harm
  friend bool operator==(const Tally&, const Tally&) = default;
};

/// Why it is to be stopped, in one sentence with the figures; nothing where it may go on.
std::optional<std::string> harm_of(const Tally& tally);

}  // namespace holdfast::service::rollout

// In which order a deployment reaches its devices. Each device has one place for ever, drawn from its name, so that the
// same devices go first each time and nobody can choose to be among them.
#pragma once

#include <string_view>
#include <vector>

#include "base/json/value.h"
#include "base/time.h"

namespace holdfast::service::rollout {

inline constexpr Reason kWavesMalformed{"waves-malformed"};

inline constexpr std::size_t kWavesMax = 16;
inline constexpr std::int64_t kPlaces = 10'000;  ///< hundredths of a percent
inline constexpr Duration kSoakMax = days(90);

struct Wave {
  std::int64_t places = kPlaces;  ///< of kPlaces, those of the waves before included: 100 is 1 %
  Duration soak{};                ///< how long it is watched before the next one opens
  friend bool operator==(const Wave&, const Wave&) = default;
};

/// From 0 to kPlaces - 1.
std::int64_t place_of(std::string_view catalog, std::string_view device);

/// `[{"percent": "0.5", "soak_s": 3600}, …]`: each reaches more devices than the one before, the last one all of them.
Result<std::vector<Wave>> waves_from(const json::Value& value);
json::Value to_json(const std::vector<Wave>& waves);

/// A canary of 1 % for a day, 10 % for a day, 50 % for a day, all.
std::vector<Wave> usual_waves();

}  // namespace holdfast::service::rollout

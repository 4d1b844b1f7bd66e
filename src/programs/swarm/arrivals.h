// When the devices of a swarm first come.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace holdfast::programs::swarm {

inline constexpr Reason kPatternUnknown{"pattern-unknown"};

enum class Pattern {
  Steady,   ///< evenly over the time
  Herd,     ///< all at once, as after an outage
  Morning,  ///< more and more up to the middle of the time and then fewer, as a time zone wakes up
};

Result<Pattern> parse_pattern(std::string_view word);

/// The offset from the beginning at which the device `index` of `count` comes.
Duration arrival(Pattern pattern, std::size_t index, std::size_t count, Duration over);

}  // namespace holdfast::programs::swarm

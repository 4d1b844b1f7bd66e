// How long to wait after a failure: twice as long each time, half of it left to chance so that a fleet which lost its
// service together does not come back together, never beyond an hour.
#pragma once

#include <string>

#include "base/time.h"
#include "ports/random.h"

namespace holdfast::device::contact {

inline constexpr Duration kBackoffMax = hours(1);
/// For failures that may be over soon.
inline constexpr Duration kBackoffSoon = seconds(2);
/// For refusals: somebody has to do something first.
inline constexpr Duration kBackoffRefused = minutes(5);

/// Uniform in [around - percent, around + percent].
Duration jittered(Duration around, int percent, ports::Random& random);

/// The wait after the `failures`-th failure in a row (from 1).
Duration backoff(Duration first, int failures, ports::Random& random);

/// For logs: whole seconds.
std::string in_seconds(Duration wait);

}  // namespace holdfast::device::contact

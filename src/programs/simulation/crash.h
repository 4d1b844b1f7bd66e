// The power cut at every call: the device's and the service's, one cut at each call of a story and then every pair,
// each time before the call and after it. Whatever was cut, the device must end up healthy as itself and the invariants
// must hold.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace holdfast::programs::simulation {

inline constexpr Reason kStoryUnknown{"story-unknown"};
inline constexpr Reason kStoryNotFinished{"story-not-finished"};

struct CrashReport {
  std::int64_t device_calls = 0;  ///< of the uncut story
  std::int64_t service_calls = 0;
  std::int64_t schedules = 0;  ///< that were run, all of them to a good end
};

/// `story`: enroll (from the ticket to the enrolment), attest (from there to the first check-in) or release (from the
/// owner's word to the confirmation, and back by a new ticket). An error names the
/// schedule that repeats it. `part` of `parts` runs a share of the pairs, so that two cores can divide them.
Result<CrashReport> run_crashes(std::string_view story, std::uint64_t seed, bool pairs, int part, int parts);

/// One schedule again: `d12b,s3b` is the device before its call 12, the service before its call 3.
Result<void> run_one_crash(std::string_view story, std::uint64_t seed, std::string_view schedule);

}  // namespace holdfast::programs::simulation

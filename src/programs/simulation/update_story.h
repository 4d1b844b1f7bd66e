// The power cut at every call of a whole update: a device is told what to have, fetches it, tries it, keeps it or goes
// back. After every step of every schedule the device must come up, say what it runs, run nothing below its floor and
// claim no success that is none; in the end it must have what it was told, or say why not and leave it at that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace holdfast::programs::simulation {

inline constexpr Reason kUpdateBroken{"update-broken"};

struct UpdateCrashReport {
  std::string story;
  std::int64_t calls = 0;      ///< of the uncut story
  std::int64_t schedules = 0;  ///< that were run, all of them to a good end
};

enum class Pairs {
  None,
  Neighbours,  ///< of one call and the next
  All,         ///< of two cuts, each of which leaves what no cut before it left (sim/fault/faults.h, moments)
};

struct UpdateCrashes {
  std::uint64_t seed = 1;
  Pairs pairs = Pairs::None;
  std::int64_t part = 0;  ///< which share of the schedules
  std::int64_t parts = 1;
};

/// Every story, with unsynced writes torn and untorn. An error names the schedule that repeats it.
Result<std::vector<UpdateCrashReport>> run_update_crashes(const UpdateCrashes& crashes);

/// One schedule again: `delta/torn/12b,20a`, or without cuts `delta/whole/`.
Result<void> run_one_update_crash(std::uint64_t seed, std::string_view schedule);

}  // namespace holdfast::programs::simulation

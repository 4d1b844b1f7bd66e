// A fleet in a rollout, on virtual time: the service's own deployments, waves, gate, directions and reports, and
// devices that are no more than what they say in a check-in. Every device asks every two hours, fetches for a while,
// and then has the images or falls back. Replayed by its seed.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::programs::simulation {

struct RolloutOptions {
  std::uint64_t seed = 1;
  int devices = 1000;
  int failing_percent = 0;  ///< of the devices, how many fall back on the new images
};

struct RolloutReport {
  std::int64_t check_ins = 0;
  std::int64_t hours = 0;                 ///< of virtual time, until every device had it or it was stopped
  std::array<std::int64_t, 5> by_wave{};  ///< devices that had confirmed it when the next wave opened, or at the end
  std::int64_t has_it = 0;
  std::string stopped;  ///< why; empty: it was not
  Digest256 digest{};   ///< of every direction at the end: the same for the same seed
};

/// Every device has the old images at the beginning. Refused where a device ends with what it was not directed to.
Result<RolloutReport> run_rollout(const RolloutOptions& options);
std::string text_of(const RolloutReport& report);

}  // namespace holdfast::programs::simulation

// Years of a fleet on virtual time: the owner rotates every key each year, releases, and once goes on holiday while the
// repository's metadata runs out; devices sleep for a day or for nearly all of it, wake with clocks that are wrong by
// decades, and must be what their owner wants within two days: over the chain of roots, with a certificate again, on
// the newest release. The real agent, updater, verification and service. Replayed by its seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace holdfast::programs::simulation {

/// From the later of its waking, the deployment, and the renewal of metadata that had run out.
inline constexpr Duration kSettledWithin = days(2);

/// The authorities' own roots, and the service CA, last twenty.
inline constexpr int kYearsMax = 19;

struct YearsOptions {
  std::uint64_t seed = 1;
  int years = 10;    ///< from 1 to kYearsMax
  int devices = 24;  ///< at least one
};

struct YearsReport {
  int releases = 0;
  int key_rotations = 0;
  int authority_rotations = 0;
  std::int64_t steps = 0;
  std::int64_t wakes = 0;
  Duration longest_sleep{};
  Duration longest_settling{};        ///< from when it could
  std::int64_t roots_walked_max = 0;  ///< by one device after one sleep
  std::int64_t slept_over_all = 0;    ///< devices that slept over every rotation at once
  std::int64_t wrong_clocks = 0;      ///< survived
  std::int64_t expired_metadata = 0;  ///< recoveries from it
  std::int64_t repairs = 0;           ///< wakes with the update certificate alone, for a system that is too old
  std::int64_t updates = 0;           ///< images that a device came to run
  std::int64_t certificates = 0;
  std::vector<std::string> violations;  ///< the first ones
  Digest256 digest{};                   ///< of all that happened: the same for the same seed
};

/// An Error: the world could not go on. What the devices did wrong is in the report.
Result<YearsReport> run_years(const YearsOptions& options);
std::string text_of(const YearsReport& report);

}  // namespace holdfast::programs::simulation

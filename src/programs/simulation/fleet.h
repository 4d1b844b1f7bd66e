// Many devices and one service over days of virtual time: bad weather on the network, power cuts on both sides, clocks
// that jump, boots that are tampered with and repaired, cleared TPMs, copied disks. Replayed by its seed.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace holdfast::programs::simulation {

struct FleetOptions {
  std::uint64_t seed = 1;
  int devices = 50;
  int hours = 72;
};

struct FleetReport {
  std::int64_t steps = 0;
  std::int64_t boots = 0;
  std::int64_t power_cuts = 0;  ///< of devices
  std::int64_t service_crashes = 0;
  std::int64_t late_requests = 0;
  std::int64_t tampered_boots = 0;
  std::int64_t cleared = 0;
  std::int64_t clones_refused = 0;
  std::int64_t certificates = 0;
  int healthy = 0;  ///< devices at the end
};

/// Every untampered device must be healthy at the end, and every invariant must hold throughout.
Result<FleetReport> run_fleet(const FleetOptions& options);
std::string text_of(const FleetReport& report);

}  // namespace holdfast::programs::simulation

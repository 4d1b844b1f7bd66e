// A service that is away for a day in the middle of a deployment's second wave, while devices are trying the new
// images: real agents, the service's own waves and gate, virtual time. Whoever was trying goes back by itself and
// blames the world, not the image; nothing is stopped; every device ends on the new images.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "programs/simulation/service_host.h"

namespace holdfast::programs::simulation {

inline constexpr Duration kOutage = hours(24);
/// From the end of the outage until every device has the images.
inline constexpr Duration kRecoveredWithin = hours(12);

struct OutageOptions {
  std::uint64_t seed = 1;
  int devices = 60;
  Door door = Door::Refuses;  ///< how the service is away
};

struct OutageReport {
  int devices = 0;
  int had_it = 0;        ///< when the service went
  int were_trying = 0;   ///< then
  Duration recovered{};  ///< from the end of the outage until every device had the images
  Digest256 digest{};    ///< of who had which image when: the same for the same seed
};

/// An Error where an image was blamed, the gate stopped the deployment, or a device did not end on the new images.
Result<OutageReport> run_outage(const OutageOptions& options);
std::string text_of(const OutageReport& report);

}  // namespace holdfast::programs::simulation

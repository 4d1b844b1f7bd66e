// A whole campaign: devices are made, claimed and brought to a service in a pattern, and what was measured is told.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "programs/swarm/arrivals.h"
#include "programs/swarm/device.h"
#include "programs/swarm/owner.h"
#include "programs/swarm/usage.h"

namespace holdfast::programs::swarm {

struct CampaignOptions {
  std::filesystem::path config;  ///< of `holdfast login`
  Place place;
  std::size_t devices = 100;
  Pattern pattern = Pattern::Steady;
  Duration arrive_over = seconds(60);  ///< what the pattern is spread over
  Duration stay = seconds(60);         ///< once all are healthy, measured anew
  Duration give_up_after = minutes(30);
  std::optional<Duration> p99_max = {};  ///< of check-ins during the stay
  bool outage = false;  ///< after the stay all devices boot anew at once, and are measured until all are healthy again
  unsigned threads = 16;
  std::vector<int> service;  ///< its processes, where they are on this machine
};

/// Says each line as it comes. Fails where devices did not become healthy in time (kSwarmUnhealthy), and at its end
/// where a bound was missed (kSwarmSlow).
Result<void> run_campaign(const CampaignOptions& options, const sim::vault::TpmMaker& maker, ports::Clock& clock,
                          ports::Random& random, const std::function<void(std::string_view)>& say);

inline constexpr Reason kSwarmUnhealthy{"swarm-unhealthy"};
inline constexpr Reason kSwarmSlow{"swarm-slow"};

}  // namespace holdfast::programs::swarm

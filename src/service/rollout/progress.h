// How far a deployment has come: of the devices that it reached, how many follow it, what they say of it, and what was
// counted of its images.
#pragma once

#include <map>

#include "service/rollout/trials.h"

namespace holdfast::service::rollout {

struct Progress {
  std::int64_t directed = 0;  ///< devices that were told to have it
  std::int64_t done = 0;      ///< follow it, and say nothing of an update that is under way or failed
  std::map<std::string, std::int64_t, std::less<>> phases = {};   ///< of the others, by phase
  std::map<std::string, std::int64_t, std::less<>> reasons = {};  ///< of those that failed or refused
  Tally tally = {};                                               ///< what the gate goes by
};

/// Looks at every device that the deployment reached.
Result<Progress> progress_of(ports::Transaction& tx, const ports::DeploymentRow& row);
json::Value to_json(const Progress& progress);

}  // namespace holdfast::service::rollout

// What processes of this machine used, by /proc.
#pragma once

#include <vector>

#include "base/result.h"

namespace holdfast::programs::swarm {

struct Usage {
  double cpu_s = 0;                ///< user and system, since each process began
  std::size_t resident_bytes = 0;  ///< together
};

/// NotFound where one of them is gone.
Result<Usage> usage_of(const std::vector<int>& processes);

}  // namespace holdfast::programs::swarm

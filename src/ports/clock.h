// The only way to know the time.
#pragma once

#include "base/time.h"

namespace holdfast::ports {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;         ///< only goes forward
  virtual WallTime wall_time() = 0;  ///< may jump
};

}  // namespace holdfast::ports

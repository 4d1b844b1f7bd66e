// What only good boots of a device can read: applications' data, what an owner entrusted to it. It belongs to one
// owner, and is gone before the next one comes.
#pragma once

#include "base/result.h"

namespace holdfast::ports {

class SealedStorage {
 public:
  virtual ~SealedStorage() = default;
  /// Nothing that was in it before this boot can be read any more when it returns. Retry where the device boots for it:
  /// the next boot has one that is new.
  virtual Result<void> erase() = 0;
};

}  // namespace holdfast::ports

// How often something that wears a device out may be asked for: many times at once, and then as often as time gives
// back.
#pragma once

#include <algorithm>
#include <optional>

#include "base/time.h"

namespace holdfast::linux::door {

class Allowance {
 public:
  /// `most` at once, one more each `every`.
  Allowance(std::int64_t most, Duration every) : most_(most), every_(every), left_(most) {}

  /// Whether once more is allowed; then it is used up.
  bool take(Instant now) {
    if (!since_) since_ = now;
    const std::int64_t given = (now - *since_) / every_;
    left_ = std::min(most_, left_ + given);
    since_ = *since_ + given * every_;
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  std::int64_t most_;
  Duration every_;
  std::int64_t left_;
  std::optional<Instant> since_;  ///< when the last was given back
};

}  // namespace holdfast::linux::door

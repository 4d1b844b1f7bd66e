// The lowest security version of each component that this device may run, where a thief of its disk cannot lower it: in
// the vault. It only ever rises.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace holdfast::ports {

inline constexpr Reason kFloorMissing{"floor-missing"};  ///< none was laid, or it is not the one that was

class Floor {
 public:
  virtual ~Floor() = default;
  /// 0 where it was never raised. Denied (kFloorMissing) where it ought to be and is not: such a device only updates.
  virtual Result<std::int64_t> read(std::string_view component) = 0;
  /// Durable when it returns; one that is there already or higher stays.
  virtual Result<void> raise(std::string_view component, std::int64_t security_version) = 0;
};

}  // namespace holdfast::ports

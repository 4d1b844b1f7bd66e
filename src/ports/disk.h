// A device's own small records, by name. A write replaces the whole record and is durable when it returns; a power cut
// during a write leaves the old record or the new one, never a mixture.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::ports {

inline constexpr Reason kDiskFailed{"disk-failed"};
inline constexpr std::size_t kDiskRecordBytesMax = 1024 * 1024;

class Disk {
 public:
  virtual ~Disk() = default;
  /// Names match ^[a-z0-9][a-z0-9.-]{0,63}$.
  virtual Result<std::optional<Blob>> read(std::string_view name) = 0;
  virtual Result<void> write(std::string_view name, Bytes record) = 0;
  virtual Result<void> remove(std::string_view name) = 0;  ///< also when there is none
};

}  // namespace holdfast::ports

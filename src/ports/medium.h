// What somebody carries to a device: an image repository as a folder or as one bundle, with what lies beside it. It may
// come and go at any time, and be changed while it is read; nobody trusts it, since what counts are signatures and
// digests.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::ports {

inline constexpr Reason kMediumFailed{"medium-failed"};    ///< it cannot be read
inline constexpr Reason kMediumUnfit{"medium-unfit"};      ///< neither a folder nor a bundle, or a link
inline constexpr Reason kMediumMissing{"medium-missing"};  ///< there is none

inline constexpr std::size_t kMediumReadBytesMax = 1024 * 1024;

class Medium {
 public:
  virtual ~Medium() = default;
  /// Looks anew: whether there is one.
  virtual Result<bool> look() = 0;
  /// At most `bytes` from `offset` of the file at `path`, fewer at its end; nothing where there is no such file. Retry
  /// (kMediumMissing) where there is no medium; Rejected (kMediumUnfit) for a path that leads out of it, or to anything
  /// but a plain file.
  virtual Result<std::optional<Blob>> read(std::string_view path, std::int64_t offset, std::size_t bytes) = 0;
};

}  // namespace holdfast::ports

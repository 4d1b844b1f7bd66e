// Where signed metadata and images come from: a service, a static web server, a directory. Nobody there is trusted,
// since what counts are signatures and digests.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::ports {

inline constexpr Reason kRepositoryUnreachable{"repository-unreachable"};
inline constexpr Reason kRepositoryEndless{"repository-endless"};

class Repository {
 public:
  virtual ~Repository() = default;
  /// The file at `path`, which is already encoded for an address; nothing where there is none. Exhausted
  /// (kRepositoryEndless) as soon as there are more than `bytes_max`; Retry (kRepositoryUnreachable) where it cannot be
  /// had now.
  virtual Result<std::optional<Blob>> fetch(std::string_view path, std::size_t bytes_max) = 0;
};

/// Beside metadata, which fetch() gives, the contents of targets, which may be larger than memory.
class ImageRepository : public Repository {
 public:
  /// At most `bytes` from `offset` of the content at `place`, an encoded path among the targets; fewer at its end, and
  /// where they are too many for one answer.
  virtual Result<Blob> fetch_range(std::string_view place, std::int64_t offset, std::size_t bytes) = 0;
};

/// Metadata that was verified and is kept from one start to the next, by role. A write replaces the whole document and
/// is durable when it returns.
class KeptMetadata {
 public:
  virtual ~KeptMetadata() = default;
  virtual Result<std::optional<Blob>> read(std::string_view role) = 0;
  virtual Result<void> write(std::string_view role, Bytes document) = 0;
  virtual Result<void> remove(std::string_view role) = 0;  ///< also when there is none
};

}  // namespace holdfast::ports

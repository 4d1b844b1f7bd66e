// The images of a service, and what goes with them: files of a catalog whose names begin with the SHA-256 of what is in
// them. A file is written from its front, in pieces, and is there for readers once it is whole. Nobody changes it
// afterwards. Safe to call from many threads, and where the place is shared, from many processes.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::ports {

inline constexpr Reason kImageFilesFailed{"image-files-failed"};
inline constexpr Reason kImageFileName{"image-file-name"};
inline constexpr Reason kImageFileOffset{"image-file-offset"};    ///< a piece that does not go on where the last ended
inline constexpr Reason kImageFileDiffers{"image-file-differs"};  ///< whole, and not what its name says

inline constexpr std::size_t kImagePieceBytesMax = 1024 * 1024;
inline constexpr std::int64_t kImageFileBytesMax = std::int64_t{4} * 1024 * 1024 * 1024;

/// Each part is one segment of a path: `[A-Za-z0-9_-][A-Za-z0-9._-]*`.
struct ImageFileName {
  std::string catalog;
  std::string component;
  std::string version;
  std::string file;  ///< `<sha256>.image`, `<sha256>.manifest`, `<sha256>.<name>`
};

/// `catalog/component/version/file`; Rejected (kImageFileName) for what is no such name.
Result<std::string> path_of(const ImageFileName& name);
/// The hexadecimal digits that the file's name begins with: the SHA-256 of what is in it.
Result<std::string> digest_in(const ImageFileName& name);

class ImageFiles {
 public:
  virtual ~ImageFiles() = default;
  /// Of a whole file, in bytes; nothing where there is none.
  virtual Result<std::optional<std::int64_t>> length(const ImageFileName& name) = 0;
  /// Fewer than asked for at its end; nothing where there is no whole file.
  virtual Result<std::optional<Blob>> read(const ImageFileName& name, std::int64_t offset, std::size_t bytes) = 0;
  /// How much of it has come so far; a whole one has its length.
  virtual Result<std::int64_t> received(const ImageFileName& name) = 0;
  /// The next piece; Conflict (kImageFileOffset) unless it begins where the last one ended.
  virtual Result<void> append(const ImageFileName& name, std::int64_t offset, Bytes piece) = 0;
  /// All of it has come: durable and there for readers when this returns. What is not what its name says is thrown away
  /// (kImageFileDiffers).
  virtual Result<void> finish(const ImageFileName& name) = 0;
};

}  // namespace holdfast::ports

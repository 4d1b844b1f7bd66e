// The files of whoever calls `holdfast`. What is private is made for its owner's eyes alone and refused when others
// could read it; a write leaves the old file or the new one, never a mixture.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace holdfast::cli {

enum class Access { OwnerOnly, Everyone };

inline constexpr std::size_t kFilesBelowMax = 500'000;

class Files {
 public:
  virtual ~Files() = default;
  /// Whatever can be read to its end, a pipe too; NotFound where there is none.
  virtual Result<Blob> read(const std::string& path, std::size_t bytes_max) = 0;
  /// Denied unless its owner alone may use it.
  virtual Result<Secret> read_private(const std::string& path, std::size_t bytes_max) = 0;
  /// Replaces the whole file, or makes it.
  virtual Result<void> write(const std::string& path, Bytes bytes, Access access) = 0;
  /// Makes the file; Conflict where there is one, which is left as it is.
  virtual Result<void> create(const std::string& path, Bytes bytes, Access access) = 0;
  /// With its parents; one that exists must be closed to others.
  virtual Result<void> make_private_folder(const std::string& path) = 0;
  /// With its parents, for everybody to read.
  virtual Result<void> make_folder(const std::string& path) = 0;
  /// The names in a folder, sorted.
  virtual Result<std::vector<std::string>> names_in(const std::string& path) = 0;
  /// The regular files below a folder by their path from it, sorted; links are not followed. Exhausted above
  /// kFilesBelowMax.
  virtual Result<std::vector<std::string>> files_below(const std::string& path) = 0;
  /// Makes a file of what `next` gives, part after part, until that is empty; Conflict where there is one. Nothing is
  /// there before all of it is.
  virtual Result<void> create_from(const std::string& path, const std::function<Result<Blob>()>& next) = 0;
};

}  // namespace holdfast::cli

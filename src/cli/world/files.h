// The files of whoever calls `holdfast`. What is private is made for its owner's eyes alone and refused when others
// could read it; a write leaves the old file or the new one, never a mixture.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace holdfast::cli {

enum class Access { OwnerOnly, Everyone };

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
};

}  // namespace holdfast::cli

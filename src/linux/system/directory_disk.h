// ports::Disk as a directory (0700) with one file (0600) per record. Durable and atomic as files.h promises.
#pragma once

#include <filesystem>

#include "ports/disk.h"

namespace holdfast::linux::system {

class DirectoryDisk final : public ports::Disk {
 public:
  /// Makes the directory when there is none, and removes what an interrupted write left behind.
  static Result<DirectoryDisk> open(const std::filesystem::path& directory);

  Result<std::optional<Blob>> read(std::string_view name) override;
  Result<void> write(std::string_view name, Bytes record) override;
  Result<void> remove(std::string_view name) override;

 private:
  explicit DirectoryDisk(std::filesystem::path directory) : directory_(std::move(directory)) {}
  std::filesystem::path directory_;
};

}  // namespace holdfast::linux::system

// Metadata that was verified, as `<role>.json` in a directory.
#pragma once

#include <filesystem>

#include "ports/repository.h"

namespace holdfast::programs {

class MetadataDirectory final : public ports::KeptMetadata {
 public:
  explicit MetadataDirectory(std::filesystem::path directory) : directory_(std::move(directory)) {}
  Result<std::optional<Blob>> read(std::string_view role) override;
  Result<void> write(std::string_view role, Bytes document) override;
  Result<void> remove(std::string_view role) override;

 private:
  std::filesystem::path file_of(std::string_view role) const;
  std::filesystem::path directory_;
};

}  // namespace holdfast::programs

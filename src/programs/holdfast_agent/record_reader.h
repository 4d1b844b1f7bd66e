// An agent's records for whoever only looks: reads beside a running agent and refuses to write.
#pragma once

#include <filesystem>

#include "ports/disk.h"

namespace holdfast::programs {

class RecordReader final : public ports::Disk {
 public:
  explicit RecordReader(std::filesystem::path directory) : directory_(std::move(directory)) {}
  Result<std::optional<Blob>> read(std::string_view name) override;
  Result<void> write(std::string_view name, Bytes record) override;
  Result<void> remove(std::string_view name) override;

 private:
  std::filesystem::path directory_;
};

}  // namespace holdfast::programs

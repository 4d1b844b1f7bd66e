// A floor as a file. It survives power cuts and protects against nobody who can write to the disk: a thief of it lowers
// the floor with the file. What a vault holds (linux/tpm/tpm_floor.h) is remembered in one.
#pragma once

#include <cstdint>
#include <filesystem>

#include "ports/floor.h"

namespace holdfast::linux::slots {

class FileFloor final : public ports::Floor {
 public:
  /// The file is made when a floor is first raised.
  explicit FileFloor(std::filesystem::path file) : file_(std::move(file)) {}

  Result<ports::FloorFacts> read(std::string_view component) override;
  Result<void> raise(std::string_view component, std::int64_t security_version, const ports::FloorWord* word) override;
  /// Exactly so, whatever it was.
  Result<void> remember(std::string_view component, std::int64_t security_version);

 private:
  std::filesystem::path file_;
};

}  // namespace holdfast::linux::slots

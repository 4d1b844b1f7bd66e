// The variables of a UEFI firmware as Linux shows them (efivarfs: a file for each, attributes before data). Each is
// written as a whole or not at all. Linux keeps those that it does not know from being changed by mistake; here the
// caller names the one that it means.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "firmware/guid.h"

namespace holdfast::linux::efi {

inline constexpr Reason kEfiVariableFailed{"efi-variable-failed"};
inline constexpr std::size_t kEfiVariableBytesMax = 4096;

/// What firmware knows of it.
struct VariableName {
  firmware::Guid vendor;
  std::string_view name;
};

class Variables {
 public:
  explicit Variables(std::filesystem::path folder = "/sys/firmware/efi/efivars") : folder_(std::move(folder)) {}

  Result<std::optional<Blob>> read(VariableName variable) const;
  /// Kept over boots, and there for firmware and system.
  Result<void> write(VariableName variable, Bytes data);
  /// Also when there is none.
  Result<void> remove(VariableName variable);

 private:
  std::filesystem::path file_of(VariableName variable) const;
  std::filesystem::path folder_;
};

}  // namespace holdfast::linux::efi

// What this boot was, read from two files that somebody before the agent left: the firmware's event log (the kernel's
// /sys/kernel/security/tpm0/binary_bios_measurements, or a copy) and the boot facts, a JSON object of our own.
// Both are bounded. Nothing here is trusted: the appraisal compares all of it with what the vault signed.
#pragma once

#include <filesystem>

#include "ports/boot.h"

namespace holdfast::linux::boot {

inline constexpr Reason kBootFactsMissing{"boot-facts-missing"};
inline constexpr Reason kBootFactsMalformed{"boot-facts-malformed"};

inline constexpr std::size_t kEventLogBytesMax = 1024 * 1024;
inline constexpr std::size_t kBootFactsBytesMax = 64 * 1024;
inline constexpr std::size_t kRunningComponentsMax = 64;
inline constexpr std::size_t kBootEscrowBytesMax = 512;

/// {"boot_count": n, "running": [{"component", "version", "security_version"}…], "escrow"?: base64}; `event_log` stays
/// empty.
Result<ports::BootFacts> parse_boot_facts(Bytes json);
std::string to_json(const ports::BootFacts& facts);

class BootFiles final : public ports::Boot {
 public:
  BootFiles(std::filesystem::path event_log, std::filesystem::path facts);
  /// `event_log` and `facts.json` in one directory.
  explicit BootFiles(const std::filesystem::path& directory);
  Result<ports::BootFacts> facts() override;

 private:
  std::filesystem::path event_log_;
  std::filesystem::path facts_;
};

/// Leaves both files in `directory`, each replaced as a whole.
Result<void> write_boot_files(const std::filesystem::path& directory, const ports::BootFacts& facts);

}  // namespace holdfast::linux::boot

// One swtpm process over a TPM state: the chip's power switch. Off means that no process runs; switching on starts the
// TPM anew (TPM Reset: PCRs from zero, reset count risen) and waits until it answers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace holdfast::linux::virtual_device {

inline constexpr Reason kPowerFailed{"power-failed"};

/// The locality that TPM2_Startup comes from decides where PCR 0 starts (PC Client Platform TPM Profile §4.6.2).
enum class StartupLocality : std::uint8_t { Zero = 0, Three = 3 };

class Swtpm {
 public:
  /// `folder` holds `tpm/` (the state), and while on `tpm.sock`, `tpm.sock.ctrl` and `tpm.pid`.
  explicit Swtpm(const std::filesystem::path& folder) : folder_(std::filesystem::absolute(folder)) {}

  std::filesystem::path state() const { return folder_ / "tpm"; }
  std::filesystem::path socket() const { return folder_ / "tpm.sock"; }
  /// What a vault is opened with.
  std::string connection_string() const { return "swtpm:path=" + socket().string(); }

  bool is_on() const;
  Result<void> power_on(StartupLocality locality = StartupLocality::Zero);
  /// Orderly: TPM2_Shutdown, then the end of the process. Also when it is off already.
  Result<void> power_off();

 private:
  std::filesystem::path pid_file() const { return folder_ / "tpm.pid"; }
  std::filesystem::path folder_;
};

}  // namespace holdfast::linux::virtual_device

// A whole device in a folder: its TPM (swtpm), its disk, and what its last boot left. Manufactured once, powered,
// booted with a measured boot, attacked. The agent runs beside it and sees what it would see on a machine: the TPM
// through `swtpm().connection_string()`, the disk, and the boot files.
#pragma once

#include <filesystem>
#include <vector>

#include "linux/virtual_device/boot_image.h"
#include "linux/virtual_device/swtpm.h"
#include "linux/virtual_device/tpm_maker.h"

namespace holdfast::linux::tpm {
class PlatformTpm;
}

namespace holdfast::linux::virtual_device {

inline constexpr Reason kDeviceMissing{"virtual-device-missing"};
inline constexpr Reason kDeviceExists{"virtual-device-exists"};
inline constexpr Reason kLogUnfit{"event-log-unfit"};

class VirtualDevice {
 public:
  /// A new device whose TPM carries its endorsement certificates and their issuer; off.
  static Result<VirtualDevice> manufacture(const std::filesystem::path& folder, const TpmMaker& maker,
                                           const std::string& name);
  static Result<VirtualDevice> open(const std::filesystem::path& folder);

  Swtpm& swtpm() { return swtpm_; }
  std::filesystem::path disk() const { return folder_ / "disk"; }
  /// The places for updates, as linux/slots reads them; there once something was installed.
  std::filesystem::path places() const { return folder_ / "slots"; }
  /// The number that the next boot will have.
  std::int64_t next_boot() const;
  /// `event_log` and `facts.json`, as linux/boot reads them.
  std::filesystem::path boot_files() const { return folder_ / "boot"; }

  /// A power cycle, then firmware and images measured in that order.
  Result<void> boot(const std::vector<BootImage>& images);
  /// A power cycle, then the SHA-256 digests of another machine's log, which becomes this boot's log. What it measured
  /// beyond PCR 15 is left out of the TPM: no quote covers it. kLogUnfit: no SHA-256, or a start that swtpm cannot
  /// make.
  Result<void> replay(Bytes log);
  /// TPM2_Clear, as an owner at the machine does it, with the lockout's password where there is one.
  Result<void> clear(Bytes lockout = {});
  /// Replaces the disk by a copy of another device's.
  Result<void> copy_disk_from(const VirtualDevice& other);

 private:
  explicit VirtualDevice(std::filesystem::path folder) : folder_(std::move(folder)), swtpm_(folder_) {}
  Result<void> power_cycle(StartupLocality locality);
  Result<void> leave_boot_files(Bytes log, const std::vector<BootImage>& images);

  std::filesystem::path folder_;
  Swtpm swtpm_;
};

}  // namespace holdfast::linux::virtual_device

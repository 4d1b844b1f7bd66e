// Virtual TPM chips for tests: manufactured once per program (seconds each) under one maker, copied and power-cycled as
// tests need.
#pragma once

#include <doctest/doctest.h>

#include "linux/system/program.h"
#include "linux/tpm/platform_tpm.h"
#include "linux/virtual_device/swtpm.h"
#include "linux/virtual_device/tpm_maker.h"
#include "skip.h"
#include "temporary_folder.h"

namespace holdfast::tests {

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(std::string(result.error().reason.word()) << ": " << result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

template <class T>
std::string_view reason(const Result<T>& result) {
  return result ? "success" : result.error().reason.word();
}

/// NV index of the endorsement certificate's issuer (EK Credential Profile §2.2.1.5.2).
inline constexpr std::uint32_t kIssuerIndex = 0x01C00100;

/// A chip with power for as long as the object lives.
class PoweredTpm {
 public:
  /// A new chip.
  PoweredTpm(const linux::virtual_device::TpmMaker& maker, const std::filesystem::path& folder) : swtpm_(folder) {
    must(maker.manufacture(swtpm_.state(), "test"));
    must(swtpm_.power_on());
    must(platform().provision_nv(kIssuerIndex, must(maker.issuer())));
  }
  /// The same chip as `other` (which stays on), in a folder of its own.
  PoweredTpm(const PoweredTpm& other, const std::filesystem::path& folder) : swtpm_(folder) {
    std::filesystem::create_directories(folder);
    std::filesystem::copy(other.swtpm_.state(), swtpm_.state(), std::filesystem::copy_options::recursive);
    must(swtpm_.power_on());
  }
  PoweredTpm& operator=(const PoweredTpm&) = delete;
  ~PoweredTpm() { [[maybe_unused]] const auto off = swtpm_.power_off(); }

  linux::virtual_device::Swtpm& swtpm() { return swtpm_; }
  std::string connection_string() const { return swtpm_.connection_string(); }
  linux::tpm::PlatformTpm platform() const { return must(linux::tpm::PlatformTpm::open(connection_string())); }
  void power_cycle() {
    must(swtpm_.power_off());
    must(swtpm_.power_on());
  }

 private:
  linux::virtual_device::Swtpm swtpm_;
};

/// Two chips of one maker, and room beside them.
struct Chips {
  TemporaryFolder folder;
  linux::virtual_device::TpmMaker maker = must(linux::virtual_device::TpmMaker::at(folder.path() / "maker"));
  PoweredTpm one{maker, folder.path() / "one"};
  PoweredTpm other{maker, folder.path() / "other"};
};

/// The program's chips; nothing, said through skip_program(), where swtpm is not installed.
inline Chips* chips() {
  if (!linux::system::has_program("swtpm") || !linux::system::has_program("swtpm_setup")) {
    skip_program("swtpm and swtpm_setup are not installed");
    return nullptr;
  }
  static Chips chips;
  return &chips;
}

}  // namespace holdfast::tests

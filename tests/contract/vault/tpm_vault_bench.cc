#include <doctest/doctest.h>

#include "linux/tpm/platform_tpm.h"
#include "linux/tpm/tpm_vault.h"
#include "linux/virtual_device/program.h"
#include "linux/virtual_device/swtpm.h"
#include "linux/virtual_device/tpm_maker.h"
#include "skip.h"
#include "temporary_folder.h"
#include "vault_bench.h"

namespace holdfast::tests {
namespace {

namespace virtual_device = linux::virtual_device;
using linux::tpm::PlatformTpm;
using linux::tpm::TpmVault;

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(std::string(result.error().reason.word()) << ": " << result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// A chip with power, from its manufacture to the end of the test program.
class PoweredTpm {
 public:
  PoweredTpm(const std::filesystem::path& maker, const std::filesystem::path& folder) : swtpm_(folder) {
    const auto made_by = must(virtual_device::TpmMaker::at(maker));
    must(made_by.manufacture(swtpm_.state(), "test"));
    must(swtpm_.power_on());
    must(must(PlatformTpm::open(swtpm_.connection_string())).provision_nv(0x01C00100, must(made_by.issuer())));
  }
  ~PoweredTpm() { (void)swtpm_.power_off(); }

  std::string connection_string() const { return swtpm_.connection_string(); }
  PlatformTpm platform() const { return must(PlatformTpm::open(connection_string())); }
  void power_cycle() {
    must(swtpm_.power_off());
    must(swtpm_.power_on());
  }

 private:
  virtual_device::Swtpm swtpm_;
};

/// Manufactured once per program (seconds each); a power cycle makes them as new for every case.
struct Chips {
  TemporaryFolder folder;
  PoweredTpm one{folder.path() / "maker", folder.path() / "one"};
  PoweredTpm other{folder.path() / "maker", folder.path() / "other"};
};

class TpmVaultBench final : public VaultBench {
 public:
  explicit TpmVaultBench(Chips& chips)
      : chips_(chips), vault_(chips.one.connection_string()), other_(chips.other.connection_string()) {
    chips_.one.power_cycle();
  }
  ports::Vault& vault() override { return vault_; }
  ports::Vault& other_vault() override { return other_; }
  void reset() override {
    vault_.release();
    chips_.one.power_cycle();
  }
  void extend(unsigned pcr, const Digest256& digest) override { must(chips_.one.platform().extend(pcr, digest)); }
  void clear() override {
    vault_.release();
    must(chips_.one.platform().clear());
  }

 private:
  Chips& chips_;
  TpmVault vault_;
  TpmVault other_;
};

}  // namespace

std::unique_ptr<VaultBench> make_vault_bench() {
  if (!virtual_device::has_program("swtpm") || !virtual_device::has_program("swtpm_setup")) {
    skip_program("swtpm and swtpm_setup are not installed");
    return nullptr;
  }
  static Chips chips;
  return std::make_unique<TpmVaultBench>(chips);
}

}  // namespace holdfast::tests

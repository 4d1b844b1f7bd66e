#include "linux/tpm/tpm_vault.h"
#include "powered_tpm.h"
#include "vault_bench.h"

namespace holdfast::tests {
namespace {

using linux::tpm::TpmVault;

/// A power cycle makes the chips as new for every case.
class TpmVaultBench final : public VaultBench {
 public:
  explicit TpmVaultBench(Chips& both)
      : one_(both.one), vault_(both.one.connection_string()), other_(both.other.connection_string()) {
    one_.power_cycle();
  }
  ports::Vault& vault() override { return vault_; }
  ports::Vault& other_vault() override { return other_; }
  void reset() override {
    vault_.release();
    one_.power_cycle();
  }
  void extend(unsigned pcr, const Digest256& digest) override { must(one_.platform().extend(pcr, digest)); }
  void clear() override {
    vault_.release();
    must(one_.platform().clear());
  }

 private:
  PoweredTpm& one_;
  TpmVault vault_;
  TpmVault other_;
};

}  // namespace

std::unique_ptr<VaultBench> make_vault_bench() {
  Chips* both = chips();
  if (both == nullptr) return nullptr;
  return std::make_unique<TpmVaultBench>(*both);
}

}  // namespace holdfast::tests

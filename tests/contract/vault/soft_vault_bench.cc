#include "sim/random/seeded_random.h"
#include "sim/vault/soft_vault.h"
#include "vault_bench.h"

namespace holdfast::tests {
namespace {

class StepClock final : public ports::Clock {
 public:
  Instant now() override { return {++ms_}; }
  WallTime wall_time() override { return {ms_}; }

 private:
  std::int64_t ms_ = 0;
};

class SoftVaultBench final : public VaultBench {
 public:
  ports::Vault& vault() override { return *vault_; }
  ports::Vault& other_vault() override { return *other_; }
  void reset() override { vault_->reset(); }
  void extend(unsigned pcr, const Digest256& digest) override { vault_->extend(pcr, digest); }
  void clear() override { vault_->clear(); }

 private:
  sim::random::SeededRandom random_{1};
  StepClock clock_;
  std::unique_ptr<sim::vault::SoftVault> vault_ = *sim::vault::SoftVault::make(random_, clock_);
  std::unique_ptr<sim::vault::SoftVault> other_ =
      *sim::vault::SoftVault::make(random_, clock_, sim::vault::EndorsementKind::EcP384);
};

}  // namespace

std::unique_ptr<VaultBench> make_vault_bench() { return std::make_unique<SoftVaultBench>(); }

}  // namespace holdfast::tests

// What the vault contract is run against: a vault, and what machine and owner do to its chip from outside. Each program
// of the contract links one make_vault_bench().
#pragma once

#include <memory>

#include "ports/vault.h"

namespace holdfast::tests {

class VaultBench {
 public:
  virtual ~VaultBench() = default;
  virtual ports::Vault& vault() = 0;
  /// A vault on another chip.
  virtual ports::Vault& other_vault() = 0;
  /// A power cycle.
  virtual void reset() = 0;
  virtual void extend(unsigned pcr, const Digest256& digest) = 0;
  /// TPM2_Clear.
  virtual void clear() = 0;
};

/// Nothing where the vault cannot run here, said through skip_program().
std::unique_ptr<VaultBench> make_vault_bench();

}  // namespace holdfast::tests

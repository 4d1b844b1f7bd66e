// What the chip opens for a good boot alone (trust/tpm/boot_policy.h): sealed secrets, until the first process has put
// its separator behind them, and keys from then on. What is not opened is Denied (kVaultClosed), whether the firmware's
// keys or the system are others, nobody signed this boot, or the floor is above it.
#pragma once

#include "linux/tpm/tpm_vault.h"
#include "trust/update/seal_words.h"

namespace holdfast::linux::tpm {

using trust::update::GoodBoot;

/// A floor index of the authority where there is none at all: policies compare with one. Rejected where the words have
/// none of this authority.
Result<void> settle_floor_index(TpmVault& vault, const GoodBoot& boot);
/// A secret of at most 128 bytes, for boots that the authority signs; whether this one is, unseal() finds out.
Result<ports::VaultKey> seal(TpmVault& vault, const Secret& secret, const GoodBoot& boot);
/// Whether it was sealed for the boots of this boot's authority.
bool is_sealed_for(const ports::VaultKey& sealed, const GoodBoot& boot);
/// kVaultKeyForeign where no boot of this chip opens it any more.
Result<Secret> unseal(TpmVault& vault, const ports::VaultKey& sealed, const GoodBoot& boot);
/// Nothing that was sealed opens from now on, until the next boot; keys do.
Result<void> extend_separator(TpmVault& vault);

}  // namespace holdfast::linux::tpm

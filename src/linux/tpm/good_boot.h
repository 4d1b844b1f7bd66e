// What the chip opens for a good boot alone (trust/tpm/boot_policy.h): secrets of its own making, until the first
// process has put its separator behind them, and keys from then on. What is not opened is Denied (kVaultClosed),
// whether the firmware's keys or the system are others, nobody signed this boot, or the floor is above it.
#pragma once

#include "linux/tpm/tpm_vault.h"
#include "trust/update/seal_words.h"

namespace holdfast::linux::tpm {

using trust::update::GoodBoot;

inline constexpr std::size_t kSealedSecretBytes = 32;

/// A floor index of the authority where there is none at all: policies compare with one.
Result<void> settle_floor_index(TpmVault& vault, const GoodBoot& boot);
/// A new secret, which the chip makes and nobody chooses, for boots that the authority signs; whether this is one,
/// open_secret() finds out.
Result<ports::VaultKey> make_secret(TpmVault& vault, const GoodBoot& boot);
/// kSealedSecretBytes of it. kVaultKeyForeign where no boot of this chip opens it any more; Denied also where somebody
/// chose it.
Result<Secret> open_secret(TpmVault& vault, const ports::VaultKey& sealed, const GoodBoot& boot);
/// No secret opens from now on, until the next boot; keys do.
Result<void> extend_separator(TpmVault& vault);

}  // namespace holdfast::linux::tpm

// Passwords for what an owner may do to a chip (TPM 2.0 Part 1 §13): the owner hierarchy, under which NV indexes are
// defined and undefined, and the lockout, with which a chip is cleared. Without them whoever can talk to the chip does
// both. Firmware's own way to clear a chip, by somebody at the machine, takes neither.
#pragma once

#include "linux/tpm/tpm_vault.h"
#include "trust/update/escrow.h"

namespace holdfast::linux::tpm {

using trust::update::ChipPasswords;

/// Puts those in force that are not yet: again after a cut, or once the chip was cleared. False: the chip has passwords
/// already, and these are not the ones.
Result<bool> take_ownership(TpmVault& vault, const ChipPasswords& passwords);
/// Takes them away again; one that is not in force is left.
Result<void> give_back_ownership(TpmVault& vault, const ChipPasswords& passwords);

}  // namespace holdfast::linux::tpm

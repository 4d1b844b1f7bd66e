// What owns a device's chip, sealed to its owner: the device says it with its evidence, the service keeps it and cannot
// read it, and the owner opens it where a device that does not boot any more has to be cleared or repaired.
#pragma once

#include "trust/crypto/hpke.h"

namespace holdfast::trust::update {

inline constexpr std::size_t kChipPasswordBytes = 32;
inline constexpr std::size_t kEscrowBytes = crypto::kHpkeOverheadBytes + 2 * kChipPasswordBytes;

/// For the owner hierarchy and the lockout of a TPM (TPM 2.0 Part 1 §13).
struct ChipPasswords {
  Secret owner;
  Secret lockout;
};

/// HPKE in the context `holdfast-chip-passwords-v1`, kEscrowBytes long.
Result<Blob> escrow_passwords(const crypto::PublicKey& to, Bytes entropy, const ChipPasswords& passwords);
/// Corrupt (kHpkeUnopened) where it was not sealed to this key.
Result<ChipPasswords> open_escrow(const crypto::PrivateKey& key, Bytes escrow);

}  // namespace holdfast::trust::update

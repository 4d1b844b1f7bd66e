// The device owns its chip: passwords that only a good boot's first process reads keep everybody else from defining,
// undefining and clearing there (linux/tpm/ownership.h).
#pragma once

#include <filesystem>

#include "linux/tpm/ownership.h"

namespace holdfast::programs::init {

/// In sealed storage, for root alone.
inline constexpr const char* kOwnerFolder = "/data/init";

/// Makes passwords where there are none in `folder`, and puts them in force. False: the chip is somebody else's.
Result<bool> own_chip(linux::tpm::TpmVault& vault, const std::filesystem::path& folder = kOwnerFolder);
/// Its passwords, for whoever holds the key; empty where there are none.
Result<Blob> escrow_of(const trust::crypto::PublicKey& to, const std::filesystem::path& folder = kOwnerFolder);
/// The chip is nobody's, for whoever owns the device next; where the passwords are not its own it stays as it is. Retry
/// where it does not say.
Result<void> disown_chip(linux::tpm::TpmVault& vault, const std::filesystem::path& folder = kOwnerFolder);

}  // namespace holdfast::programs::init

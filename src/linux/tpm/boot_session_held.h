// A session that shows a chip that this is a good boot. For the .cc files of this directory alone.
#pragma once

#include "linux/tpm/burst_held.h"
#include "linux/tpm/good_boot.h"
#include "trust/tpm/boot_policy.h"

namespace holdfast::linux::tpm {

/// The authority whose words the boot has. Denied (kVaultClosed) where it is not the one that the command line names.
Result<trust::tpm::PublicArea> authority_of(const GoodBoot& boot);

/// For an object whose authPolicy is `wanted`.
Result<Loaded> boot_session(Burst& burst, trust::tpm::BootPhase phase, const GoodBoot& boot, Bytes wanted);

}  // namespace holdfast::linux::tpm

// Back to how the device was made, asked for by somebody who stands before it: who puts in a disk with a partition
// named `holdfast-reset` and turns the power on. What the device is, and whose, stays, and so does its floor: no thief
// gains a device by it. Gone are everything sealed, all settings, and what crashed before. A power cut goes on where it
// was. What was put in counts again once a boot has not seen it.
#pragma once

#include "linux/init/record.h"
#include "linux/tpm/tpm_vault.h"
#include "programs/holdfast_init/sealed.h"

namespace holdfast::programs::init {

inline constexpr Reason kResets{"resets"};

/// Before anything is opened: whether somebody asks.
Result<void> note_presence(linux::init::RecordPartition& record);
/// What is sealed. Retry (kResets): the device is to boot, and has new storage then. It waits for a boot that opens
/// what is there, because what the TPM is owned by lies in it, and for a TPM that answers.
Result<void> reset_storage(linux::init::RecordPartition& record, linux::tpm::TpmVault& vault, const Sealed& sealed);
/// What this process, and those that it starts, keep in /state; whether the agent is to forget its own, too.
bool forget_settings(const linux::init::RecordPartition& record);

}  // namespace holdfast::programs::init

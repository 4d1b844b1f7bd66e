// Policies that an authority signed, in a session with the chip (trust/tpm/signed_policy.h). For the .cc files of this
// directory alone.
#pragma once

#include "linux/tpm/burst_held.h"
#include "trust/tpm/signed_policy.h"

namespace holdfast::linux::tpm {

Result<TPM2B_DIGEST> digest_of(Bytes bytes);

/// The session has the policy that `authority` signed; now it has the one that the object was made with. `signature` is
/// ECDSA-SHA256 in DER.
Result<void> authorize(Burst& burst, const Loaded& session, const trust::tpm::PublicArea& authority,
                       const trust::tpm::SignedPolicy& policy, Bytes signature);

}  // namespace holdfast::linux::tpm

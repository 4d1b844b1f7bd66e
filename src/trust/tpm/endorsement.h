// The endorsement key's public area, rebuilt from its certificate's key and the TCG's templates (EK Credential Profile
// for TPM 2.0, rev 2.5, §B.3 to §B.4): L-1 for RSA-2048, L-2 for P-256, H-3 for P-384. The service never uses an area
// as a device sent it: activation does not notice a changed byte there, and one chip could take many identities.
#pragma once

#include "trust/tpm/public_area.h"

namespace holdfast::trust::tpm {

inline constexpr Reason kEndorsementKeyUnsupported{"endorsement-key-unsupported"};

/// Refuses RSA of other sizes or exponents than 65537, and other curves.
Result<PublicArea> endorsement_area(const crypto::PublicKey& endorsement_key);

}  // namespace holdfast::trust::tpm

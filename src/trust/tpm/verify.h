// Verification of what an attestation key signed: the signature (ECDSA-SHA256) over the bytes as received, then those
// same bytes parsed once, TPM_GENERATED, the kind, and the qualifying data in constant time. That the key is fit to
// attest (require_attestation_key) and belongs to the device is the caller's to know.
#pragma once

#include "trust/tpm/attest.h"
#include "trust/tpm/public_area.h"
#include "trust/verified.h"

namespace holdfast::trust::tpm {

inline constexpr Reason kAttestSignatureWrong{"attest-signature-wrong"};
inline constexpr Reason kQualifyingDataWrong{"qualifying-data-wrong"};

/// What the TPM measured. Which PCRs were asked for, and what they should hold, is for the appraisal.
struct Quote {
  ClockInfo clock_info;
  std::uint64_t firmware_version;
  std::vector<PcrSelection> selections;
  Blob pcr_digest;
};

/// That the TPM holds the key of this name.
struct Certification {
  ClockInfo clock_info;
  std::uint64_t firmware_version;
  Blob name;
};

Result<Verified<Quote>> verify_quote(const PublicArea& attestation_key, Bytes attest, Bytes signature,
                                     Bytes expected_qualifying_data);
Result<Verified<Certification>> verify_certify(const PublicArea& attestation_key, Bytes attest, Bytes signature,
                                               Bytes expected_qualifying_data);

}  // namespace holdfast::trust::tpm

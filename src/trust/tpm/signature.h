// TPMT_SIGNATURE (TPM 2.0 Library, Part 2 §11.3.4) of the one algorithm that our vault keys sign with: ECDSA. Others
// are refused by name. Scalars may come short (some TPMs drop leading zeros), never longer than the curve's size.
#pragma once

#include "trust/crypto/key.h"

namespace holdfast::trust::tpm {

inline constexpr Reason kSignatureMalformed{"tpm-signature-malformed"};
inline constexpr Reason kSignatureUnsupported{"tpm-signature-unsupported"};

inline constexpr std::size_t kSignatureBytesMax = 144;
inline constexpr std::size_t kScalarBytesMax = 66;

struct TpmSignature {
  crypto::HashAlgorithm hash;
  Blob r;
  Blob s;
};

Result<TpmSignature> parse_signature(Bytes bytes);
Blob marshal(const TpmSignature& signature);

/// From the DER form that libcrypto makes (virtual vaults, tests); `coordinate_bytes` is the curve's size.
Result<TpmSignature> tpm_signature_from_der(crypto::HashAlgorithm hash, Bytes der, std::size_t coordinate_bytes);
/// To the DER form that TLS and X.509 carry.
Result<Blob> to_der(const TpmSignature& signature);

}  // namespace holdfast::trust::tpm

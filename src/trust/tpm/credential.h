// Credential protection (TPM 2.0 Library, Part 1 §24): a secret that only the TPM holding the endorsement key can open,
// and only for the key of the given name. This is what binds an attestation key to a chip.
// open_credential is the TPM's side of it, for virtual vaults and tests.
#pragma once

#include "base/secret.h"
#include "trust/tpm/public_area.h"

namespace holdfast::trust::tpm {

inline constexpr Reason kCredentialUnsupported{"credential-unsupported"};
inline constexpr Reason kCredentialWrong{"credential-wrong"};

inline constexpr std::size_t kCredentialSecretBytesMax = 32;
/// Enough for an RSA seed and for the ephemeral scalar of either curve.
inline constexpr std::size_t kCredentialEntropyBytes = 64;

struct Credential {
  Blob credential_blob;   ///< contents of a TPM2B_ID_OBJECT
  Blob encrypted_secret;  ///< contents of a TPM2B_ENCRYPTED_SECRET
};

/// TPM2_MakeCredential for RSA-2048, P-256 and P-384 endorsement keys. `entropy` is fresh, secret and of
/// kCredentialEntropyBytes; RSA's OAEP padding draws on libcrypto besides. `secret` has 1 to 32 bytes.
Result<Credential> make_credential(const PublicArea& endorsement, Bytes attestation_key_name, Bytes secret,
                                   Bytes entropy);

/// TPM2_ActivateCredential without the TPM. kCredentialWrong: made for another key, another name, or changed.
Result<Secret> open_credential(const PublicArea& endorsement, const crypto::PrivateKey& endorsement_key,
                               Bytes attestation_key_name, Bytes credential_blob, Bytes encrypted_secret);

}  // namespace holdfast::trust::tpm

// A key vault that software cannot read: a TPM 2.0. Structures cross as the TPM's own bytes (TPMT_PUBLIC, TPMS_ATTEST,
// TPMT_SIGNATURE in big-endian form), which trust/tpm parses. The vault keeps nothing between calls: keys come back as
// blobs that only this vault can load, and the caller stores them.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace holdfast::ports {

inline constexpr Reason kVaultUnavailable{"vault-unavailable"};
inline constexpr Reason kVaultKeyForeign{
    "vault-key-foreign"};  ///< the blob was not made by this vault, or before a clear
inline constexpr Reason kVaultRefused{"vault-refused"};
inline constexpr Reason kVaultClosed{"vault-closed"};          ///< not for what this boot is
inline constexpr Reason kVaultInterposed{"vault-interposed"};  ///< the chip does not hold the EK of its certificate

/// The endorsement key that Holdfast uses (flow 1.4): RSA-2048 where it has a certificate, else the ECC one.
struct EndorsementKey {
  Blob public_area;                 ///< TPMT_PUBLIC
  std::optional<Blob> certificate;  ///< DER, from NV
  std::vector<Blob> chain;          ///< DER issuers, where the maker ships them
};

struct VaultKey {
  Blob public_area;   ///< TPMT_PUBLIC
  Blob private_blob;  ///< opaque; only this vault can load it
};

enum class KeyUse {
  Attestation,  ///< restricted P-256 signing key under the endorsement hierarchy
  Client,       ///< P-256 signing key; where the vault tells good boots from others, for those alone
  Update,       ///< P-256 signing key
};

struct Attestation {
  Blob attest;     ///< TPMS_ATTEST
  Blob signature;  ///< TPMT_SIGNATURE
};

struct QuotedPcrs {
  Attestation attestation;
  std::vector<Digest256> values;  ///< SHA-256 bank, PCR 0 to 15, read until they match the quote
};

class Vault {
 public:
  virtual ~Vault() = default;
  virtual Result<EndorsementKey> endorsement_key() = 0;
  virtual Result<VaultKey> create_key(KeyUse use) = 0;
  /// Whether a client key that is made now is for good boots alone. To sign with one in another is Denied
  /// (kVaultClosed).
  virtual bool binds_client_keys() { return false; }
  /// TPM2_ActivateCredential: `credential_blob` is a TPM2B_ID_OBJECT's contents, `encrypted_secret` a
  /// TPM2B_ENCRYPTED_SECRET's.
  virtual Result<Secret> activate_credential(const VaultKey& attestation_key, Bytes credential_blob,
                                             Bytes encrypted_secret) = 0;
  /// TPM2_Quote over PCR 0–15 of the SHA-256 bank.
  virtual Result<QuotedPcrs> quote(const VaultKey& attestation_key, const Digest256& qualifying_data) = 0;
  /// TPM2_Certify of `key` by the attestation key.
  virtual Result<Attestation> certify(const VaultKey& attestation_key, const VaultKey& key,
                                      const Digest256& qualifying_data) = 0;
  /// An ECDSA signature in DER over a SHA-256, SHA-384 or SHA-512 digest by a TLS key (TLS 1.3 with P-256: SHA-256).
  virtual Result<Blob> sign(const VaultKey& key, Bytes digest) = 0;
};

}  // namespace holdfast::ports

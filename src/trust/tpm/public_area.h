// TPMT_PUBLIC (TPM 2.0 Library, Part 2 §12.2.4): what a TPM says about one of its keys. Parsing accepts exactly one
// encoding of every area it accepts: no trailing bytes, coordinates and moduli at full size, RSA exponent 0 (65537),
// so that marshal(parse(bytes)) == bytes. RSA-2048 to 4096 and ECC on P-256, P-384, P-521 are known; keyed-hash and
// symmetric objects, anonymous schemes and other curves are refused by name.
#pragma once

#include <optional>

#include "trust/crypto/key.h"

namespace holdfast::trust::tpm {

inline constexpr Reason kPublicAreaMalformed{"public-area-malformed"};
inline constexpr Reason kPublicAreaUnsupported{"public-area-unsupported"};
inline constexpr Reason kAttestationKeyUnfit{"attestation-key-unfit"};
inline constexpr Reason kTlsKeyUnfit{"tls-key-unfit"};

inline constexpr std::size_t kPublicAreaBytesMax = 1024;

enum class ObjectType : std::uint16_t { Rsa = 0x0001, Ecc = 0x0023 };

/// TPMA_OBJECT (Part 2 §8.3).
inline constexpr std::uint32_t kFixedTpm = 1u << 1;
inline constexpr std::uint32_t kStClear = 1u << 2;
inline constexpr std::uint32_t kFixedParent = 1u << 4;
inline constexpr std::uint32_t kSensitiveDataOrigin = 1u << 5;
inline constexpr std::uint32_t kUserWithAuth = 1u << 6;
inline constexpr std::uint32_t kAdminWithPolicy = 1u << 7;
inline constexpr std::uint32_t kNoDictionaryAttackProtection = 1u << 10;
inline constexpr std::uint32_t kEncryptedDuplication = 1u << 11;
inline constexpr std::uint32_t kRestricted = 1u << 16;
inline constexpr std::uint32_t kDecrypt = 1u << 17;
inline constexpr std::uint32_t kSign = 1u << 18;

/// What an attestation key and a TLS key are made with; kNoDictionaryAttackProtection may be added, nothing else.
inline constexpr std::uint32_t kTlsKeyAttributes =
    kFixedTpm | kFixedParent | kSensitiveDataOrigin | kUserWithAuth | kSign;
/// Of one under a policy (boot_policy.h).
inline constexpr std::uint32_t kBoundKeyAttributes = kTlsKeyAttributes & ~kUserWithAuth;
inline constexpr std::uint32_t kAttestationKeyAttributes = kTlsKeyAttributes | kRestricted;

enum class SchemeKind : std::uint16_t { Rsassa = 0x0014, Rsapss = 0x0016, Ecdsa = 0x0018 };

struct SigningScheme {
  SchemeKind kind;
  crypto::HashAlgorithm hash;
  friend bool operator==(const SigningScheme&, const SigningScheme&) = default;
};

struct PublicArea {
  ObjectType type;
  crypto::HashAlgorithm name_algorithm;
  std::uint32_t attributes;
  Blob auth_policy;                       ///< empty, or a digest of name_algorithm
  std::optional<std::uint16_t> aes_bits;  ///< AES-CFB of a storage key; none = TPM_ALG_NULL
  std::optional<SigningScheme> scheme;    ///< none = TPM_ALG_NULL
  crypto::PublicKey key;                  ///< decoded and checked once
  Blob bytes;                             ///< the TPMT_PUBLIC itself, which names are made of
};

Result<PublicArea> parse_public_area(Bytes bytes);

/// The TPMT_PUBLIC of the fields, whatever `bytes` holds. Making an area: fill the fields, then
/// `area.bytes = marshal(area)`.
Blob marshal(const PublicArea& area);

/// Name (Part 1 §16): name algorithm ‖ digest of the area.
Blob name_of(const PublicArea& area);

/// The areas that Holdfast's vaults create: P-256, SHA-256 names; the attestation key signs ECDSA-SHA256,
/// the TLS key carries no scheme of its own.
PublicArea attestation_key_area(const crypto::PublicKey& p256_key);
PublicArea tls_key_area(const crypto::PublicKey& p256_key);
/// A TLS key that its policy alone lets anybody use.
PublicArea bound_key_area(const crypto::PublicKey& p256_key, const Digest256& policy);

/// A restricted P-256 ECDSA-SHA256 signing key that was made in its TPM and cannot leave it: only such a key's
/// signature over TPM_GENERATED says that the TPM speaks.
Result<void> require_attestation_key(const PublicArea& area);
/// An unrestricted P-256 signing key (scheme: none, or ECDSA-SHA256) that was made in its TPM and cannot leave it; for
/// whoever has the TPM, or for boots that fulfil a policy.
Result<void> require_tls_key(const PublicArea& area);

}  // namespace holdfast::trust::tpm

// Digests and MACs over libcrypto. Algorithms carry the TCG registry's numbers, because quotes and event logs name them
// so.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace holdfast::trust::crypto {

inline constexpr Reason kAlgorithmUnknown{"algorithm-unknown"};

/// TPM_ALG_ID of the TCG Algorithm Registry.
enum class HashAlgorithm : std::uint16_t { Sha1 = 0x0004, Sha256 = 0x000B, Sha384 = 0x000C, Sha512 = 0x000D };

Result<HashAlgorithm> hash_algorithm(std::uint16_t tcg_id);
std::size_t digest_size(HashAlgorithm algorithm);
std::string_view name_of(HashAlgorithm algorithm);

inline constexpr std::size_t kDigestBytesMax = 64;

Digest256 sha256(Bytes message);
Digest256 sha256(std::initializer_list<Bytes> parts);
Blob hash(HashAlgorithm algorithm, std::initializer_list<Bytes> parts);
Blob hmac(HashAlgorithm algorithm, Bytes key, std::initializer_list<Bytes> parts);

/// KDFa of TPM 2.0 Part 1 §11.4.10.2: `bits` of key from `key`, a label (without its NUL) and two context parts.
Secret kdf_a(HashAlgorithm algorithm, Bytes key, std::string_view label, Bytes context_u, Bytes context_v,
             std::uint32_t bits);
/// KDFe of TPM 2.0 Part 1 §11.4.10.3.
Secret kdf_e(HashAlgorithm algorithm, Bytes z, std::string_view label, Bytes party_u, Bytes party_v,
             std::uint32_t bits);

}  // namespace holdfast::trust::crypto

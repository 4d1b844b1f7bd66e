// Symmetric protection over libcrypto: AES-256-GCM for what the service seals in its store, AES-CFB as TPM structures
// use.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace holdfast::trust::crypto {

inline constexpr Reason kSealBroken{"seal-broken"};
inline constexpr std::size_t kSealKeyBytes = 32;
inline constexpr std::size_t kSealNonceBytes = 12;

/// nonce ‖ ciphertext ‖ tag. `nonce` must never repeat under one key; `context` is authenticated, not stored.
Blob seal(Bytes key, const ByteArray<kSealNonceBytes>& nonce, Bytes context, Bytes plaintext);
Result<Secret> unseal(Bytes key, Bytes context, Bytes sealed);

/// AES-128 or AES-256 (by the key's size) in GCM: ciphertext ‖ tag. The same of the nonce.
Blob gcm_encrypt(Bytes key, const ByteArray<kSealNonceBytes>& nonce, Bytes context, Bytes plaintext);
Result<Secret> gcm_decrypt(Bytes key, const ByteArray<kSealNonceBytes>& nonce, Bytes context, Bytes sealed);

/// AES-128 or AES-256 (by the key's size) in full-block CFB with a zero IV, as TPM 2.0 Part 1 §24 protects credentials.
Blob aes_cfb_encrypt(Bytes key, Bytes plaintext);
Blob aes_cfb_decrypt(Bytes key, Bytes ciphertext);

}  // namespace holdfast::trust::crypto

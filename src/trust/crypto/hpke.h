// Encryption to a public key alone (RFC 9180, single shot in mode base), with one suite: DHKEM(P-256, HKDF-SHA256),
// HKDF-SHA256, AES-128-GCM. What is sealed is the encapsulated key, then the ciphertext with its tag, so that any
// program that speaks HPKE opens it.
#pragma once

#include "trust/crypto/key.h"

namespace holdfast::trust::crypto {

inline constexpr Reason kHpkeUnopened{"hpke-unopened"};
inline constexpr std::size_t kHpkeEntropyBytes = 48;
inline constexpr std::size_t kHpkeEncapsulatedBytes = 65;
inline constexpr std::size_t kHpkeOverheadBytes = kHpkeEncapsulatedBytes + 16;

/// `entropy`: kHpkeEntropyBytes that are used for nothing else. Rejected where `to` is no P-256 key.
Result<Blob> hpke_seal(const PublicKey& to, Bytes entropy, Bytes info, Bytes associated, Bytes plaintext);
/// Corrupt (kHpkeUnopened) where it was sealed to another key, in another context, or changed.
Result<Secret> hpke_open(const PrivateKey& key, Bytes info, Bytes associated, Bytes sealed);

}  // namespace holdfast::trust::crypto

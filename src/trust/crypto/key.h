// Public and private keys over libcrypto. A PublicKey is decoded and checked once (RFC 5480 point on its curve, RSA of
// 2048 to 8192 bits) and verifies many times. Only the algorithms that Holdfast speaks exist here: ECDSA on P-256,
// P-384 and P-521, RSA (PKCS#1 v1.5 and PSS), Ed25519.
#pragma once

#include <memory>

#include "trust/crypto/hash.h"

namespace holdfast::trust::crypto {

inline constexpr Reason kKeyMalformed{"key-malformed"};
inline constexpr Reason kKeyUnsupported{"key-unsupported"};
inline constexpr Reason kSignatureWrong{"signature-wrong"};

enum class KeyKind { EcP256, EcP384, EcP521, Rsa, Ed25519 };
std::string_view name_of(KeyKind kind);

/// A big-endian affine point; both coordinates have the curve's size.
struct EcPoint {
  Blob x;
  Blob y;
};

class PublicKey {
 public:
  static Result<PublicKey> from_spki(Bytes der);
  static Result<PublicKey> from_point(KeyKind curve, const EcPoint& point);
  static Result<PublicKey> from_rsa(Bytes modulus, std::uint32_t exponent);
  static Result<PublicKey> from_ed25519(Bytes raw);

  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;
  PublicKey(const PublicKey&);
  PublicKey& operator=(const PublicKey&);
  ~PublicKey();

  KeyKind kind() const;
  Blob spki() const;
  Digest256 spki_sha256() const;
  Result<EcPoint> point() const;       ///< NotFound for keys without one
  Result<Blob> rsa_modulus() const;    ///< big-endian, no leading zero
  std::uint32_t rsa_exponent() const;  ///< 0 where this is no RSA key or the exponent is larger
  std::size_t bits() const;

  /// ECDSA: DER signature. RSA: PKCS#1 v1.5. Ed25519 ignores `algorithm`.
  Result<void> verify(HashAlgorithm algorithm, Bytes message, Bytes signature) const;
  /// The same over a digest made elsewhere; not for Ed25519.
  Result<void> verify_digest(HashAlgorithm algorithm, Bytes digest, Bytes signature) const;
  Result<void> verify_rsa_pss(HashAlgorithm algorithm, Bytes message, Bytes signature) const;

  /// RSAES-OAEP with `algorithm` for both hashes and the label's bytes as given (TPM labels end in NUL).
  Result<Blob> encrypt_oaep(HashAlgorithm algorithm, Bytes label, Bytes message) const;

  struct Held;
  const Held& held() const { return *held_; }

 private:
  explicit PublicKey(std::unique_ptr<Held> held);
  static Result<PublicKey> adopt(void* evp_pkey);
  friend class PrivateKey;
  std::unique_ptr<Held> held_;
};

class PrivateKey {
 public:
  /// A P-256 or P-384 key whose scalar comes from `entropy` (at least 16 bytes more than the curve's size), so that the
  /// world's Random port makes it.
  static Result<PrivateKey> ec_from_entropy(KeyKind curve, Bytes entropy);
  /// An RSA-2048 key from libcrypto's own generator (slow; virtual vaults only).
  static Result<PrivateKey> generate_rsa2048();
  static Result<PrivateKey> from_pkcs8(Bytes der);

  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  ~PrivateKey();

  Secret to_pkcs8() const;
  const PublicKey& public_key() const { return public_; }

  /// ECDSA: DER signature. RSA: PKCS#1 v1.5. Ed25519 ignores `algorithm`.
  Result<Blob> sign(HashAlgorithm algorithm, Bytes message) const;
  Result<Blob> sign_digest(HashAlgorithm algorithm, Bytes digest) const;
  Result<Secret> decrypt_oaep(HashAlgorithm algorithm, Bytes label, Bytes ciphertext) const;
  /// The x coordinate of the shared point, at the curve's size.
  Result<Secret> agree(const PublicKey& other) const;

 private:
  explicit PrivateKey(PublicKey key) : public_(std::move(key)) {}
  static Result<PrivateKey> adopt(void* evp_pkey);
  PublicKey public_;
};

/// ECDSA signatures between the two forms in use: DER (X.509, TLS, TUF) and r, s at the curve's size (TPM).
Result<Blob> ecdsa_to_der(Bytes r, Bytes s);
struct EcdsaScalars {
  Blob r;
  Blob s;
};
Result<EcdsaScalars> ecdsa_from_der(Bytes signature, std::size_t coordinate_bytes);

}  // namespace holdfast::trust::crypto

// A public key as TUF names it (TUF 1.0 §4.2): an object of keytype, scheme and public part, known by the SHA-256 of
// its canonical form. A key of a kind that we do not know is kept and never verifies anything, so that an owner may add
// such keys without losing older devices; a malformed key of a known kind is refused.
#pragma once

#include <optional>

#include "base/json/value.h"
#include "trust/crypto/key.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kTufKeyMalformed{"tuf-key-malformed"};

inline constexpr std::size_t kKeyTextBytesMax = 16 * 1024;

/// SHA-256 of the key's canonical form, lower-case hex.
using KeyId = std::string;
inline constexpr std::size_t kKeyIdBytes = 64;

struct Key {
  KeyId id;
  std::string scheme;                    ///< ecdsa-sha2-nistp256, ed25519, rsassa-pss-sha256, or one we do not know
  std::optional<crypto::PublicKey> key;  ///< none: a kind that we do not know
  json::Value document;                  ///< as written, which the id is made of
};

/// What the id of a key object must be.
Result<KeyId> key_id(const json::Value& document);

/// P-256, Ed25519 and RSA; other keys are Rejected (kTufKeyMalformed).
Result<Key> make_key(const crypto::PublicKey& key);
Result<Key> parse_key(const json::Value& document);

/// Over `message` with the key's scheme; kSignatureWrong for a key that we cannot use.
Result<void> verify(const Key& key, Bytes message, Bytes signature);

/// SubjectPublicKeyInfo as PEM (RFC 7468 §13), lines of 64 characters, and back; only that form is
/// read, its last newline alone may be missing.
std::string spki_to_pem(Bytes spki);
Result<Blob> spki_from_pem(std::string_view pem);

}  // namespace holdfast::trust::tuf

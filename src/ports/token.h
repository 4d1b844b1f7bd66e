// A token with private keys that are made and used in it and never leave it: a smart card, a hardware security module,
// reached by PKCS#11. Safe to call from many threads.
#pragma once

#include <memory>
#include <string>

#include "ports/signer.h"

namespace holdfast::ports {

inline constexpr Reason kTokenKeyMissing{"token-key-missing"};
inline constexpr Reason kTokenFull{"token-full"};
inline constexpr Reason kTokenFailed{"token-failed"};  ///< not there, or it answers with an error

class Token {
 public:
  struct Key {
    std::string reference;  ///< what open() and destroy() take; at most kReferenceBytesMax, begins with `pkcs11:`
    Blob public_key;        ///< SubjectPublicKeyInfo, DER
  };
  static constexpr std::size_t kReferenceBytesMax = 400;

  virtual ~Token() = default;
  /// A P-256 key that cannot be read out. Where the token has one of this label it is that: an attempt that was cut off
  /// leaves no second key behind.
  virtual Result<Key> make(const std::string& label) = 0;
  /// NotFound (kTokenKeyMissing) where the token does not have it.
  virtual Result<std::shared_ptr<Signer>> open(const std::string& reference) = 0;
  /// Done as well where the token does not have it.
  virtual Result<void> destroy(const std::string& reference) = 0;
};

}  // namespace holdfast::ports

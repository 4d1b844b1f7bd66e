// A P-256 key that only its owner can use: OpenSSL is given the public half, from the certificate, and a method whose
// signing calls the hook. What the hook failed with is kept, because OpenSSL can only say that signing failed.
#pragma once

#include <mutex>

#include "linux/tls/openssl_held.h"

namespace holdfast::linux::tls {

class HookedKey {
 public:
  /// Rejected unless the certificate's key is on P-256.
  static Result<std::unique_ptr<HookedKey>> make(X509* certificate, SignDigest sign);

  /// One more reference to it.
  Pkey pkey() const;
  /// Called by OpenSSL: the signature, or nothing after keeping the error.
  std::optional<Blob> sign(Bytes digest) const;
  /// The error of the last failed signing, once.
  std::optional<Error> take_error() const;

 private:
  explicit HookedKey(SignDigest sign) : sign_(std::move(sign)) {}
  SignDigest sign_;
  Pkey pkey_;
  mutable std::mutex lock_;
  mutable std::optional<Error> error_;
};

}  // namespace holdfast::linux::tls

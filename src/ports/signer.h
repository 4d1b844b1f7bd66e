// A private key of the service or of an owner that can be used and not read: in memory, in a file, behind PKCS#11.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::ports {

class Signer {
 public:
  virtual ~Signer() = default;
  /// SubjectPublicKeyInfo, DER.
  virtual Blob public_key() = 0;
  /// ECDSA with SHA-256 in DER for P-256 keys; safe to call from many threads.
  virtual Result<Blob> sign(Bytes message) = 0;
};

}  // namespace holdfast::ports

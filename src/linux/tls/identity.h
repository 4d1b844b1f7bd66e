// Who one side of a TLS connection is: its certificate and the key behind it. The key is either in memory (PKCS#8) or
// somewhere that signs and does not tell, such as a vault. Nothing here is trusted yet; the Acceptor or Connector that
// takes an Identity refuses a key that is not the certificate's.
#pragma once

#include <functional>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace holdfast::linux::tls {

inline constexpr Reason kTlsIdentityMalformed{"tls-identity-malformed"};

/// An ECDSA signature in DER over a digest (TLS 1.3 with P-256: SHA-256), made where the key lives. May block.
using SignDigest = std::function<Result<Blob>(Bytes digest)>;

struct Identity {
  std::vector<Blob> chain;               ///< DER, the leaf first, sent as they are
  std::variant<Secret, SignDigest> key;  ///< PKCS#8 DER, or a hook (P-256 alone)
};

}  // namespace holdfast::linux::tls

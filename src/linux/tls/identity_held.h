// An identity in libssl's terms.
#pragma once

#include "linux/tls/hooked_key_held.h"

namespace holdfast::linux::tls {

/// Decoded, and its key found to be its leaf's.
struct OwnCertificate {
  X509Certificate leaf;
  Certificates issuers;
  std::shared_ptr<const HookedKey> hooked;  ///< outlives whatever shows it; null for a key in memory
  Pkey key;

  /// False with OpenSSL's reason where it is weaker than OpenSSL takes.
  bool show(SSL_CTX* settings) const;
  bool show(SSL* tls) const;
};

Result<OwnCertificate> decode_identity(const Identity& identity);

/// What OpenSSL last said of a part of an identity.
std::unexpected<Error> unfit(std::string_view part);

}  // namespace holdfast::linux::tls

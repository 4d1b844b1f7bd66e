// PKCS#10 certification requests (RFC 2986). A request proves that its maker holds the key in it, and that is all that
// a certificate takes from it: extensions are not read, and the name that it wishes for is there to be compared.
// The making side is two-step, because the key is in a vault: bytes to be signed out, signature in.
#pragma once

#include <optional>
#include <string>

#include "trust/crypto/key.h"

namespace holdfast::trust::x509 {

inline constexpr Reason kRequestMalformed{"request-malformed"};
inline constexpr Reason kRequestUnproven{"request-unproven"};  ///< its signature is not by the key in it

inline constexpr std::size_t kRequestBytesMax = 8 * 1024;

struct CertificateRequest {
  crypto::PublicKey key;
  std::optional<std::string> common_name{};  ///< the one in its subject
};

/// Only P-256 with ECDSA and SHA-256; trailing bytes and attributes beyond the size limit are refused.
Result<CertificateRequest> parse_request(Bytes der);

/// CertificationRequestInfo for ECDSA with SHA-256, with the subject `O=<organization>, CN=<common name>` (an empty one
/// is left out) and no attributes.
Blob request_to_be_signed(const crypto::PublicKey& key, std::string_view organization, std::string_view common_name);
Blob assemble_request(Bytes to_be_signed, Bytes signature_der);

}  // namespace holdfast::trust::x509

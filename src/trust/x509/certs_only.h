// Certificates in an envelope: the degenerate SignedData (RFC 5652 §5, RFC 8951 §3.3) in which EST gives them out. It
// is signed by nobody and proves nothing; each certificate in it speaks for itself.
#pragma once

#include <vector>

#include "base/bytes.h"

namespace holdfast::trust::x509 {

/// ContentInfo, DER, of certificates in DER, in this order.
Blob certs_only(const std::vector<Blob>& certificates);

/// CsrAttrs (RFC 7030 §4.5.2): the key and the signature that we take, P-256 and ECDSA with SHA-256.
Blob wanted_request_attributes();

}  // namespace holdfast::trust::x509

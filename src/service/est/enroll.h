// EST's two ways to a certificate, and no third: a device with a vault has the key that it is speaking with certified
// again, for no longer than its last healthy appraisal has left; a thing without one shows the secret of its name.
#pragma once

#include "service/deps.h"
#include "service/request.h"

namespace holdfast::service::est {

inline constexpr Reason kEstBodyMalformed{"est-body-malformed"};
inline constexpr Reason kSecretUsed{"secret-used"};
inline constexpr Reason kSecretExpired{"secret-expired"};
inline constexpr Reason kRequestForAnother{"request-for-another"};  ///< another name or another key
inline constexpr Reason kNotHealthy{"not-healthy"};
inline constexpr Reason kTooManyCertificates{"too-many-certificates"};

inline constexpr std::size_t kEstBodyBytesMax = 16 * 1024;
inline constexpr std::size_t kCertificatesPerAppraisalMax = 8;

/// A body as EST's clients send it: base64 with white space anywhere.
Result<Blob> decode_body(Bytes body);
/// As we send it: base64 in one line.
Blob encode_body(Bytes der);

/// Certs-only, DER: the roots and issuing CAs that certificates of this catalog come from.
Result<Blob> ca_certificates(Deps& deps, std::string_view catalog, WallTime now);

/// simpleenroll: `authorization` is the header's value; who does not say who they are is asked first, whatever else
/// they sent (RFC 7030 §3.2.3). The certificate, certs-only.
Result<Blob> enroll(Deps& deps, std::string_view catalog, std::string_view authorization, Bytes body, WallTime now);

/// simplereenroll: `certificate` is the one that the connection proved.
Result<Blob> reenroll(Deps& deps, std::string_view catalog, const DeviceCaller& caller, Bytes certificate, Bytes body,
                      WallTime now);

}  // namespace holdfast::service::est

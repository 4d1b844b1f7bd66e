// What came of the last attestation: the verdict, why, and the certificates, in one record so that they change
// together. When to attest again is measured on the clock that only goes forward, within one boot; the next boot
// attests first in any case. A wrong wall clock therefore delays nothing.
#pragma once

#include "wire/attest.h"
#include "wire/check_in.h"

namespace holdfast::device::record {

inline constexpr std::size_t kFindingsKeptMax = 32;

struct Attested {
  static constexpr std::string_view kName = "attested";

  /// `findings`: those that did not pass, at most kFindingsKeptMax.
  wire::AttestResult result;
  std::int64_t boot_count = 0;
  Instant at;
  WallTime wall;           ///< for people
  Duration renew_after{};  ///< from `at`

  /// The one to show a service, and whether it is the client certificate.
  const wire::IssuedCertificate* certificate() const;
  bool is_client() const { return result.client_certificate.has_value(); }

  static Result<Attested> decode(Bytes record);
  Blob encode() const;
};

/// The head of the service's audit chain that this device saw last, and shows again (flow 5.4).
struct AuditSeen {
  static constexpr std::string_view kName = "audit-seen";

  wire::AuditHead head;

  static Result<AuditSeen> decode(Bytes record);
  Blob encode() const;
};

}  // namespace holdfast::device::record

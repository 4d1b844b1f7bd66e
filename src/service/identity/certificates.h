// Certificates after they were issued: whether one still speaks for its device, and their end before their time. What a
// certificate allows is decided by the row that its SHA-256 names, at each request, never by what it says of itself.
#pragma once

#include "service/deps.h"
#include "service/request.h"

namespace holdfast::service::identity {

inline constexpr Reason kCertificateUnknown{"certificate-unknown"};
inline constexpr Reason kCertificateExpired{"certificate-expired"};
inline constexpr Reason kCertificateSuperseded{"certificate-superseded"};
inline constexpr Reason kCertificateRevoked{"certificate-revoked"};

/// The device that a certificate speaks for at this moment. Denied with the reason and since when otherwise.
Result<DeviceCaller> authenticate(ports::Transaction& tx, Bytes certificate, WallTime now);

/// Ends every unexpired client certificate of a device, with `everything` the update certificates too.
Result<void> supersede(ports::Transaction& tx, std::string_view catalog, std::string_view device, bool everything,
                       std::string_view reason, WallTime now);

/// A page of what supersede_issued_by() does.
struct Superseded {
  std::size_t certificates = 0;
  std::optional<ports::Record> after;  ///< where the next page begins; none: that was the last one
};
/// Ends the certificates of one kind that an authority issued, and those of which nobody knows which one did.
Result<Superseded> supersede_issued_by(ports::Transaction& tx, std::string_view catalog, ports::CertificateKind kind,
                                       std::int64_t authority, const std::optional<ports::Record>& after,
                                       std::string_view reason, WallTime now);

/// An operator's revocation of one certificate.
Result<void> revoke(ports::Transaction& tx, std::string_view catalog, const ByteArray<16>& serial,
                    std::string_view reason, const Caller& by, WallTime now);

}  // namespace holdfast::service::identity

// The regular sign of life over mutual TLS (flow 2.5), with the client certificate or, where there is none, the update
// certificate. Shows the audit head that was seen last and refuses to take a lower one for it: a chain that went back
// was cut or rebuilt.
#pragma once

#include "device/contact/services.h"
#include "device/record/attested.h"
#include "device/record/keys.h"
#include "device/record/owner.h"
#include "ports/boot.h"

namespace holdfast::device::check_in {

inline constexpr Reason kAuditWentBack{"audit-went-back"};

/// So that devices which came at the same time drift apart.
inline constexpr int kJitterPercent = 10;

/// What only a service that directs updates understands.
struct News {
  std::int64_t director = 0;
  std::vector<wire::ImageCounts> counts;
  std::vector<wire::UpdateState> updates;
  std::optional<ByteArray<wire::kTimeNonceBytes>> time_nonce;
};

struct Device {
  const record::Owner& owner;
  const record::TlsKeys& keys;
  const record::Attested& attested;  ///< has a certificate
  const std::optional<record::AuditSeen>& audit;
  std::optional<News> news{};
};

/// `facts.event_log` is not sent.
wire::CheckInRequest request_of(const Device& device, const ports::BootFacts& facts);
ports::ClientIdentity identity_of(const Device& device);

Result<wire::CheckInResult> check_in(contact::Services& services, const Device& device, const ports::BootFacts& facts);

/// Whether `shown` may follow the head seen last.
Result<void> require_forward(const std::optional<record::AuditSeen>& seen, const wire::AuditHead& shown);

}  // namespace holdfast::device::check_in

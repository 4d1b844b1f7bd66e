// The regular sign of life, over mutual TLS with the client or the update certificate. Both sides show the audit head
// that they last saw, so that a truncated or rebuilt chain is noticed (flow 5.4).
#pragma once

#include <optional>

#include "wire/attest.h"

namespace holdfast::wire {

struct AuditHead {
  std::int64_t sequence = 0;
  Digest256 hash{};
  friend bool operator==(const AuditHead&, const AuditHead&) = default;
};

/// POST /v1/check-in
struct CheckInRequest {
  std::int64_t boot_count = 0;
  std::vector<Running> running;
  std::int64_t trust_policy = 0;  ///< the number that the device has pinned
  std::optional<AuditHead> audit_head;

  static Result<CheckInRequest> decode(Bytes body);
  Blob encode() const;
};

struct CheckInResult {
  Duration check_in_again{};      ///< from now
  bool attest_now = false;        ///< the service wants fresh evidence
  std::int64_t trust_policy = 0;  ///< the newest number
  std::optional<AuditHead> audit_head;
  bool release = false;  ///< the owner lets this device go; the statement is at /v1/release

  static Result<CheckInResult> decode(Bytes body);
  Blob encode() const;
};

}  // namespace holdfast::wire

// Nonces that wait for evidence, appraisals that were made, and the newest evidence of each device.
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

struct NonceRow {
  Digest256 nonce{};
  std::string catalog;
  std::string device;
  std::string purpose;  ///< "attest"
  WallTime expires_at;

  static const Schema& schema();
  auto fields() { return std::tie(nonce, catalog, device, purpose, expires_at); }
  auto fields() const { return std::tie(nonce, catalog, device, purpose, expires_at); }
};

inline constexpr std::string_view kNoncesByExpiry = "nonces_by_expiry";  ///< expires_at
inline constexpr std::string_view kNoncesByDevice = "nonces_by_device";  ///< catalog, device

/// A result with its reasons. Only authentic evidence makes one.
struct AppraisalRow {
  std::string catalog;
  std::string device;
  std::int64_t sequence = 0;  ///< from 1 per device
  WallTime at;
  std::int64_t verdict = 0;  ///< trust::appraisal::Verdict
  std::string policy;
  std::int64_t policy_version = 0;
  std::string findings;  ///< JSON array

  static const Schema& schema();
  auto fields() { return std::tie(catalog, device, sequence, at, verdict, policy, policy_version, findings); }
  auto fields() const { return std::tie(catalog, device, sequence, at, verdict, policy, policy_version, findings); }
};

/// The newest authentic evidence of a device, for dry runs and baselines.
struct EvidenceRow {
  std::string catalog;
  std::string device;
  WallTime at;
  Blob ak_public;                        ///< the key that signed it
  Blob request;                          ///< a wire::AttestRequest, encoded
  std::optional<std::int64_t> clock_ms;  ///< the clock state that it was judged against; none: the first of its AK
  std::optional<std::int64_t> reset_count;
  std::optional<std::int64_t> restart_count;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, device, at, ak_public, request, clock_ms, reset_count, restart_count); }
  auto fields() const {
    return std::tie(catalog, device, at, ak_public, request, clock_ms, reset_count, restart_count);
  }
};

extern template class Table<NonceRow>;
extern template class Table<AppraisalRow>;
extern template class Table<EvidenceRow>;

}  // namespace holdfast::ports

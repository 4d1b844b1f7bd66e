// What time it is, said to one device (flow 3.3): the director's word over a nonce that the device has just drawn, so
// that an older statement, or one for another device, tells nothing. A thief of the director's keys can lie about the
// time, and about it alone; how far a device believes it is the device's to bound. Members that this version does not
// know are refused.
#pragma once

#include "trust/tuf/trust_policy.h"

namespace holdfast::trust::update {

inline constexpr Reason kTimeStatementMalformed{"time-statement-malformed"};
inline constexpr Reason kTimeStatementForeign{"time-statement-foreign"};  ///< another device, catalog or nonce

inline constexpr std::size_t kTimeNonceBytes = 16;

struct TimeStatement {
  std::string catalog;
  std::string device;
  ByteArray<kTimeNonceBytes> nonce{};
  WallTime time;  ///< whole seconds
};

/// For `device` of the policy's catalog over `nonce`, signed by the policy's director role.
Result<Verified<TimeStatement>> verify_time_statement(Bytes envelope, const Verified<tuf::TrustPolicy>& policy,
                                                      std::string_view device, const ByteArray<kTimeNonceBytes>& nonce);

// The director's side.

/// Unsigned; refuses what verification would refuse.
Result<tuf::Envelope> make_time_statement(const TimeStatement& statement);
/// Reads one without trusting it.
Result<TimeStatement> read_time_statement(const tuf::Envelope& envelope);

}  // namespace holdfast::trust::update

#include <algorithm>

#include "base/text.h"
#include "ports/store/rows/attestation.h"
#include "ports/store/rows/device.h"
#include "service/appraise/attest.h"
#include "service/appraise/knowledge.h"

namespace holdfast::service::appraise {
namespace {

using ports::NonceRow;
using ports::Table;

constexpr std::size_t kExpiredNoncesSwept = 8;

Result<void> sweep_nonces(ports::Transaction& tx, WallTime now) {
  Table<NonceRow> nonces(tx);
  for (const NonceRow& row : TRY(nonces.scan({.index = ports::kNoncesByExpiry, .limit = kExpiredNoncesSwept}))) {
    if (row.expires_at > now) break;
    TRY(nonces.erase(row.nonce));
  }
  return {};
}

/// Anybody may ask in a device's name. Were the next one refused, whoever asked a few times a minute would keep the
/// device out; so the oldest makes room.
Result<void> make_room(ports::Transaction& tx, const wire::AttestChallengeRequest& request) {
  Table<NonceRow> nonces(tx);
  const auto open = TRY(nonces.scan({.index = ports::kNoncesByDevice,
                                     .prefix = ports::record_of(request.catalog, request.device),
                                     .limit = kNoncesPerDeviceMax}));
  if (open.size() < kNoncesPerDeviceMax) return {};
  return nonces.erase(std::ranges::min_element(open, {}, &NonceRow::expires_at)->nonce);
}

}  // namespace

Result<wire::AttestChallenge> challenge(const wire::AttestChallengeRequest& request, Deps& deps, WallTime now) {
  NonceRow row;
  row.nonce = ports::random_array<wire::kNonceBytes>(deps.random);
  row.catalog = request.catalog;
  row.device = request.device;
  row.purpose = "attest";
  row.expires_at = now + deps.settings.challenge_life;
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    if (!TRY(Table<ports::DeviceRow>(tx).find(request.catalog, request.device))) {
      return fail(Next::Denied, kDeviceUnknown,
                  cat("there is no device '", printable(request.device), "' in the catalog '",
                      printable(request.catalog), "'"));
    }
    TRY(sweep_nonces(tx, now));
    TRY(make_room(tx, request));
    return Table<NonceRow>(tx).insert(row);
  }));
  return wire::AttestChallenge{row.nonce, row.expires_at};
}

}  // namespace holdfast::service::appraise

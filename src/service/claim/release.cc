#include "service/claim/release.h"

#include "base/text.h"
#include "ports/store/rows/claim.h"
#include "service/audit/audit.h"
#include "service/claim/owner_documents.h"
#include "service/identity/certificates.h"
#include "trust/crypto/hash.h"
#include "trust/tpm/public_area.h"
#include "trust/tpm/verify.h"
#include "trust/tuf/device_release.h"

namespace holdfast::service::claim {
namespace {

using ports::DeviceRow;
using ports::DeviceState;
using ports::ReleaseRow;
using ports::Table;

Result<DeviceRow> known_device(ports::Transaction& tx, std::string_view catalog, std::string_view device) {
  auto row = TRY(Table<DeviceRow>(tx).find(catalog, device));
  if (row) return *std::move(row);
  return fail(Next::NotFound, kReleaseUnknown, cat("there is no device '", printable(device), "' to be let go"));
}

/// That the chip which holds this enrolment's attestation key says so.
Result<void> require_proof(const wire::ReleaseConfirmation& confirmation, const DeviceRow& device) {
  const auto key = TRY(trust::tpm::parse_public_area(device.ak_public));
  const auto quoted = trust::tpm::verify_quote(key, confirmation.quote, confirmation.signature,
                                               trust::tuf::release_qualifying_data(confirmation.statement));
  if (quoted) return {};
  return fail(Next::Denied, kReleaseUnproven,
              cat("expected a quote by the attestation key of ", device.device, ": ", quoted.error().message));
}

/// An owner's list that still named the key would take the device back at once.
Result<void> take_off_list(ports::Transaction& tx, const DeviceRow& device) {
  Table<ports::ExpectedKeyRow> keys(tx);
  if (!TRY(keys.find(device.catalog, device.ek_sha256))) return {};
  return keys.erase(device.catalog, device.ek_sha256);
}

}  // namespace

Result<ReleaseRow> order_release(ports::Transaction& tx, const DeviceRow& device, Bytes statement, const Caller& by,
                                 WallTime now) {
  if (device.state == DeviceState::Released) {
    return fail(Next::Conflict, kAlreadyThere, cat(device.device, " was let go already"));
  }
  const auto root = TRY(current_root(tx, device.catalog));
  const Digest256 key = trust::crypto::sha256(device.ak_public);
  const auto release =
      TRY(input(trust::tuf::verify_device_release(statement, root, device.catalog, device.device, key, now)));
  ReleaseRow row{device.catalog,
                 device.device,
                 to_blob(statement),
                 release->signed_digest,
                 key,
                 actor_of(by),
                 now,
                 release->expires,
                 {}};
  Table<ReleaseRow> releases(tx);
  TRY(TRY(releases.find(row.catalog, row.device)) ? releases.update(row) : releases.insert(row));
  TRY(audit::append(tx,
                    {row.catalog, actor_of(by), "device.release-ordered", row.device,
                     json::Object{{"expires", to_rfc3339(row.expires_at)}}},
                    now));
  return row;
}

Result<std::optional<ReleaseRow>> waiting_release(ports::Transaction& tx, const DeviceRow& device, WallTime now) {
  auto row = TRY(Table<ReleaseRow>(tx).find(device.catalog, device.device));
  const bool waits = row && !row->confirmed_at && now < row->expires_at &&
                     row->attestation_key == trust::crypto::sha256(device.ak_public);
  return waits ? std::move(row) : std::nullopt;
}

Result<Blob> release_statement(ports::Transaction& tx, std::string_view catalog, std::string_view device,
                               WallTime now) {
  const auto row = TRY(Table<DeviceRow>(tx).find(catalog, device));
  const auto waiting = row ? TRY(waiting_release(tx, *row, now)) : std::nullopt;
  if (waiting) return waiting->statement;
  return fail(Next::NotFound, kReleaseUnknown, cat("nothing says that '", printable(device), "' is let go"));
}

Result<void> confirm_release(const wire::ReleaseConfirmation& confirmation, Deps& deps, WallTime now) {
  return deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    DeviceRow device = TRY(known_device(tx, confirmation.catalog, confirmation.device));
    Table<ReleaseRow> releases(tx);
    auto release = TRY(releases.find(device.catalog, device.device));
    const bool fits = release && release->signed_digest == confirmation.statement &&
                      release->attestation_key == trust::crypto::sha256(device.ak_public);
    if (!fits)
      return fail(Next::NotFound, kReleaseUnknown, "expected the statement that this device waits for, saw another");
    TRY(require_proof(confirmation, device));
    if (release->confirmed_at) return {};
    release->confirmed_at = now;
    TRY(releases.update(*release));
    device.state = DeviceState::Released;
    device.last_seen_at = now;
    TRY(Table<DeviceRow>(tx).update(device));
    TRY(take_off_list(tx, device));
    TRY(identity::supersede(tx, device.catalog, device.device, true, "the device was let go", now));
    return audit::append(tx, {device.catalog, cat("device:", device.device), "device.released", device.device, {}},
                         now);
  });
}

}  // namespace holdfast::service::claim

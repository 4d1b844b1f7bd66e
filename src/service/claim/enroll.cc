#include "service/claim/enroll.h"

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/catalog.h"
#include "ports/store/rows/device.h"
#include "service/audit/audit.h"
#include "service/claim/admission.h"
#include "service/claim/device_id.h"
#include "service/claim/tickets.h"
#include "service/identity/certificates.h"
#include "trust/crypto/hash.h"
#include "trust/tpm/credential.h"
#include "trust/tpm/endorsement.h"

namespace holdfast::service::claim {
namespace {

using ports::ClaimTicketRow;
using ports::DeviceRow;
using ports::EnrollChallengeRow;
using ports::Table;

constexpr std::size_t kExpiredChallengesSwept = 8;

/// Forgets a few challenges that nobody answered in time, so that they do not pile up.
Result<void> sweep_challenges(ports::Transaction& tx, WallTime now) {
  Table<EnrollChallengeRow> challenges(tx);
  const auto oldest = TRY(challenges.scan({.index = ports::kChallengesByExpiry, .limit = kExpiredChallengesSwept}));
  for (const EnrollChallengeRow& row : oldest) {
    if (row.expires_at > now) break;
    TRY(challenges.erase(row.challenge));
  }
  return {};
}

wire::EnrollResult result_of(const DeviceRow& device) {
  return {device.device, device.catalog, device.product, device.device_group};
}

/// The row of a device that enrols for the first time.
Result<DeviceRow> insert_device(ports::Transaction& tx, const EnrollChallengeRow& challenge, WallTime now) {
  DeviceRow device;
  device.catalog = challenge.catalog;
  device.device = device_id(challenge.ek_sha256);
  device.ek_sha256 = challenge.ek_sha256;
  device.product = challenge.product;
  device.device_group = challenge.device_group;
  device.ak_public = challenge.ak_public;
  device.enrolments = 1;
  device.enrolled_at = now;
  device.running = "[]";
  device.floor = "{}";
  auto inserted = Table<DeviceRow>(tx).insert(device);
  if (!inserted && inserted.error().reason == ports::kRowExists) {
    return fail(Next::Denied, kDeviceIdTaken,
                cat("the id ", device.device, " belongs to a device with another endorsement key"));
  }
  if (!inserted) return std::unexpected(inserted.error());
  return device;
}

/// A known device with a new attestation key: everything that the old key earned ends, the floor stays.
Result<DeviceRow> replace_attestation_key(ports::Transaction& tx, DeviceRow device, const EnrollChallengeRow& challenge,
                                          WallTime now) {
  device.ak_public = challenge.ak_public;
  device.product = challenge.product;
  device.device_group = challenge.device_group;
  device.enrolments += 1;
  device.enrolled_at = now;
  device.last_verdict.reset();
  device.clock_ms.reset();
  device.reset_count.reset();
  device.restart_count.reset();
  device.boot_count = 0;
  device.escrow.reset();
  if (device.state == ports::DeviceState::Released) device.state = ports::DeviceState::Enrolled;
  TRY(Table<DeviceRow>(tx).update(device));
  TRY(identity::supersede(tx, device.catalog, device.device, true, "the device enrolled anew", now));
  return device;
}

/// What let the device begin must still hold: its ticket, which for a known device names it, or its place on the list.
Result<std::optional<ClaimTicketRow>> still_admitted(ports::Transaction& tx, const EnrollChallengeRow& challenge,
                                                     const std::optional<DeviceRow>& known, WallTime now) {
  std::optional<ClaimTicketRow> ticket;
  if (challenge.ticket) {
    ticket = TRY(Table<ClaimTicketRow>(tx).find(challenge.catalog, *challenge.ticket));
    if (!ticket || ticket->consumed_at || now >= ticket->expires_at) {
      return fail(Next::Denied, kTicketConsumed, "the claim ticket was used or withdrawn while this device enrolled");
    }
  } else if (!TRY(Table<ports::ExpectedKeyRow>(tx).find(challenge.catalog, challenge.ek_sha256))) {
    return fail(Next::Denied, kEndorsementNotListed, "the owner took this key off the list while the device enrolled");
  }
  const bool is_kept = known && known->state != ports::DeviceState::Released;
  if (is_kept && !(ticket && ticket->device)) {
    return fail(Next::Denied, kTicketNeeded,
                cat(known->device, " is enrolled; a new attestation key needs a claim ticket that names it"));
  }
  return ticket;
}

Result<void> consume(ports::Transaction& tx, ClaimTicketRow ticket, std::string_view device, WallTime now) {
  ticket.consumed_at = now;
  ticket.consumed_by = device;
  return Table<ClaimTicketRow>(tx).update(ticket);
}

Result<DeviceRow> bind(ports::Transaction& tx, const EnrollChallengeRow& challenge, WallTime now) {
  auto known = TRY(Table<DeviceRow>(tx).find_by(ports::kDevicesByEk, challenge.catalog, challenge.ek_sha256));
  // The same two keys again: an answer was lost. Nothing changes.
  if (known && known->ak_public == challenge.ak_public) return *std::move(known);
  auto ticket = TRY(still_admitted(tx, challenge, known, now));
  const bool first = !known;
  DeviceRow device = first ? TRY(insert_device(tx, challenge, now))
                           : TRY(replace_attestation_key(tx, *std::move(known), challenge, now));
  if (ticket) TRY(consume(tx, *std::move(ticket), device.device, now));
  TRY(audit::append(
      tx,
      {device.catalog, cat("device:", device.device), first ? "device.enrolled" : "device.re-enrolled", device.device,
       json::Object{{"ek_sha256", to_hex(device.ek_sha256)},
                    {"ak_sha256", to_hex(trust::crypto::sha256(device.ak_public))},
                    {"ticket", challenge.ticket ? json::Value(*challenge.ticket) : json::Value()},
                    {"product", device.product},
                    {"device_group", device.device_group}}},
      now));
  return device;
}

}  // namespace

Result<wire::EnrollChallenge> begin_enrolment(const wire::EnrollRequest& request, Deps& deps, WallTime now) {
  TRY(require_invitation(request, deps));
  const auto attestation_key = TRY(input(trust::tpm::parse_public_area(request.ak_public)));
  TRY(trust::tpm::require_attestation_key(attestation_key));
  const Admission admission = TRY(admit(request, deps, now));
  const auto endorsement = TRY(trust::tpm::endorsement_area(admission.endorsement_key));
  const Secret secret = ports::random_secret(deps.random, trust::tpm::kCredentialSecretBytesMax);
  const Secret entropy = ports::random_secret(deps.random, trust::tpm::kCredentialEntropyBytes);
  const auto credential = TRY(trust::tpm::make_credential(endorsement, trust::tpm::name_of(attestation_key),
                                                          secret.expose(), entropy.expose()));
  EnrollChallengeRow row;
  row.challenge = ports::random_array<wire::kChallengeBytes>(deps.random);
  row.catalog = request.catalog;
  row.ek_sha256 = admission.ek_sha256;
  row.ak_public = request.ak_public;
  row.secret_sha256 = trust::crypto::sha256(secret.expose());
  row.ticket = admission.ticket;
  row.product = admission.product;
  row.device_group = admission.device_group;
  row.expires_at = now + deps.settings.challenge_life;
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(sweep_challenges(tx, now));
    return Table<EnrollChallengeRow>(tx).insert(row);
  }));
  return wire::EnrollChallenge{row.challenge, credential.credential_blob, credential.encrypted_secret, row.expires_at};
}

Result<wire::EnrollResult> finish_enrolment(const wire::EnrollProof& proof, Deps& deps, WallTime now) {
  wire::EnrollResult result;
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    Table<EnrollChallengeRow> challenges(tx);
    const auto challenge = TRY(challenges.find(proof.challenge));
    if (!challenge || now >= challenge->expires_at) {
      return fail(Next::Denied, kChallengeUnknown, "expected a challenge of the last minute, saw another; ask again");
    }
    if (!equal_in_constant_time(challenge->secret_sha256, trust::crypto::sha256(proof.secret.expose()))) {
      return fail(Next::Denied, kProofWrong,
                  "expected the secret that only the chip with both keys can open, saw another");
    }
    TRY(challenges.erase(proof.challenge));
    result = result_of(TRY(bind(tx, *challenge, now)));
    return {};
  }));
  return result;
}

}  // namespace holdfast::service::claim

#include "service/claim/admission.h"

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/catalog.h"
#include "ports/store/rows/device.h"
#include "service/claim/device_id.h"
#include "service/claim/enroll.h"
#include "service/claim/owner_documents.h"
#include "service/claim/tickets.h"
#include "trust/tpm/public_area.h"
#include "trust/x509/endorsement.h"

namespace holdfast::service::claim {
namespace {

using ports::Table;
using trust::crypto::PublicKey;

/// The key that the device claims, read for lookups; trusted only after endorsement_of.
Result<PublicKey> claimed_key(const wire::EnrollRequest& request) {
  if (request.ek_certificate) {
    return TRY(input(trust::x509::parse_certificate(*request.ek_certificate))).public_key();
  }
  return TRY(input(trust::tpm::parse_public_area(request.ek_public))).key;
}

struct Ground {
  std::optional<ports::DeviceRow> known;
  std::optional<ports::ExpectedKeyRow> listed;
  std::optional<ports::ClaimTicketRow> ticket;
  std::vector<Blob> tpm_roots;
};

/// The ticket where one is shown, or none for a key on the owner's list.
Result<std::optional<ports::ClaimTicketRow>> ticket_for(ports::Transaction& tx, const wire::EnrollRequest& request,
                                                        const Ground& ground, const Digest256& ek_sha256,
                                                        WallTime now) {
  std::optional<ports::ClaimTicketRow> ticket;
  if (request.claim_secret) {
    ticket = TRY(usable_ticket(tx, request.catalog, request.claim_secret->expose(), device_id(ek_sha256), now));
  } else if (!ground.listed) {
    return fail(Next::Denied, kEndorsementNotListed,
                cat("expected a claim ticket, or an endorsement key on the owner's list; saw the key ",
                    to_hex(ek_sha256), " that is on none"));
  }
  const bool is_kept = ground.known && ground.known->state != ports::DeviceState::Released;
  if (is_kept && !(ticket && ticket->device)) {
    return fail(Next::Denied, kTicketNeeded,
                cat(ground.known->device, " is enrolled; a new attestation key needs a claim ticket that names it"));
  }
  return ticket;
}

/// Everything that the store says about this request, cheapest refusal first.
Result<Ground> look_up(ports::Transaction& tx, const wire::EnrollRequest& request, const Digest256& ek_sha256,
                       WallTime now) {
  Ground ground;
  ground.known = TRY(Table<ports::DeviceRow>(tx).find_by(ports::kDevicesByEk, request.catalog, ek_sha256));
  ground.listed = TRY(Table<ports::ExpectedKeyRow>(tx).find(request.catalog, ek_sha256));
  // The same two keys: an answer was lost, and the ticket may be spent.
  const bool again = ground.known && ground.known->ak_public == request.ak_public;
  if (!again) ground.ticket = TRY(ticket_for(tx, request, ground, ek_sha256, now));
  // The owner's signatures over them are verified each time.
  if (!ground.listed) ground.tpm_roots = TRY(tpm_roots_of(tx, request.catalog));
  return ground;
}

/// The endorsement key, proven by a TPM maker's chain or named by the owner.
Result<void> require_endorsement(const wire::EnrollRequest& request, const Ground& ground, WallTime now) {
  if (ground.listed) return {};
  if (!request.ek_certificate) {
    return fail(Next::Denied, kEndorsementNotListed,
                "expected an endorsement certificate, or a key on the owner's list; saw neither");
  }
  std::vector<trust::x509::Certificate> roots;
  for (const Blob& der : ground.tpm_roots) roots.push_back(TRY(trust::x509::parse_certificate(der)));
  std::vector<trust::x509::Certificate> issuers;
  for (const Blob& der : request.ek_chain) issuers.push_back(TRY(input(trust::x509::parse_certificate(der))));
  TRY(trust::x509::verify_endorsement(TRY(input(trust::x509::parse_certificate(*request.ek_certificate))), issuers,
                                      roots, now));
  return {};
}

}  // namespace

Result<void> require_invitation(const wire::EnrollRequest& request, Deps& deps) {
  return deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    const auto catalog = TRY(Table<ports::CatalogRow>(tx).find(request.catalog));
    if (catalog && catalog->state == ports::CatalogState::Left) {
      return fail(Next::Conflict, kCatalogLeft, cat("the catalog '", catalog->name, "' lives at another service"));
    }
    if (!catalog || catalog->state != ports::CatalogState::Ready) {
      return fail(Next::NotFound, kCatalogUnknown, cat("there is no catalog '", printable(request.catalog), "' here"));
    }
    if (request.claim_secret) TRY(find_ticket(tx, request.catalog, request.claim_secret->expose()));
    return {};
  });
}

Result<Admission> admit(const wire::EnrollRequest& request, Deps& deps, WallTime now) {
  PublicKey key = TRY(claimed_key(request));
  const Digest256 ek_sha256 = key.spki_sha256();
  Ground ground;
  TRY(deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    ground = TRY(look_up(tx, request, ek_sha256, now));
    return {};
  }));
  TRY(require_endorsement(request, ground, now));
  Admission out{std::move(key), ek_sha256, {}, {}, {}};
  if (ground.ticket) {
    out.ticket = ground.ticket->ticket;
    out.product = ground.ticket->product;
    out.device_group = ground.ticket->device_group;
  } else if (ground.known) {
    out.product = ground.known->product;
    out.device_group = ground.known->device_group;
  } else {
    out.product = ground.listed->product;
    out.device_group = ground.listed->device_group;
  }
  return out;
}

}  // namespace holdfast::service::claim

#include "device/enroll/enroll.h"

#include "base/text.h"
#include "trust/x509/profile.h"
#include "wire/enroll.h"

namespace holdfast::device::enroll {
namespace {

contact::Call call_to(const record::Owner& owner, std::string_view path, Blob body) {
  return {.services = owner.services,
          .peer = ports::PeerUnder{owner.service_ca},
          .identity = {},
          .method = "POST",
          .path = std::string(path),
          .body = std::move(body)};
}

Result<wire::EnrollChallenge> request(contact::Services& services, ports::Vault& vault, const record::Owner& owner,
                                      const std::optional<record::Ticket>& ticket, const ports::VaultKey& key) {
  auto endorsement = TRY(vault.endorsement_key());
  wire::EnrollRequest message;
  message.catalog = owner.catalog;
  message.ek_certificate = std::move(endorsement.certificate);
  message.ek_chain = std::move(endorsement.chain);
  message.ek_public = std::move(endorsement.public_area);
  message.ak_public = key.public_area;
  if (ticket) message.claim_secret = ticket->ticket.secret.clone();
  auto call = call_to(owner, "/v1/enroll", message.encode());
  const auto answer = services.call(call);
  wipe(call.body);
  return wire::EnrollChallenge::decode(TRY(answer));
}

}  // namespace

Result<record::Identity> enroll(contact::Services& services, ports::Vault& vault, const record::Owner& owner,
                                const std::optional<record::Ticket>& ticket, const ports::VaultKey& attestation_key) {
  const auto challenge = TRY(request(services, vault, owner, ticket, attestation_key));
  wire::EnrollProof proof;
  proof.challenge = challenge.challenge;
  proof.secret = TRY(vault.activate_credential(attestation_key, challenge.credential_blob, challenge.encrypted_secret));
  auto call = call_to(owner, "/v1/enroll/proof", proof.encode());
  const auto answer = services.call(call);
  wipe(call.body);
  const auto result = TRY(wire::EnrollResult::decode(TRY(answer)));
  if (!trust::x509::is_device_name(result.device) || result.catalog != owner.catalog) {
    return fail(Next::Rejected, kEnrolledAsAnother,
                cat("expected a device of ", printable(owner.catalog), ", saw ", printable(result.device), " of ",
                    printable(result.catalog)));
  }
  if (ticket && ticket->ticket.device && *ticket->ticket.device != result.device) {
    return fail(
        Next::Rejected, kEnrolledAsAnother,
        cat("expected to be enrolled as ", printable(*ticket->ticket.device), ", saw ", printable(result.device)));
  }
  return record::Identity{.device = result.device,
                          .catalog = result.catalog,
                          .product = result.product,
                          .device_group = result.device_group,
                          .ticket = ticket ? std::optional(ticket->digest) : std::nullopt};
}

}  // namespace holdfast::device::enroll

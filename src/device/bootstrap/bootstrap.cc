#include "device/bootstrap/bootstrap.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "trust/x509/profile.h"
#include "wire/bootstrap.h"

namespace holdfast::device::bootstrap {
namespace {

namespace tuf = trust::tuf;

/// Where to ask: at the services that the owner signed for, and before there are any, at those of the ticket.
std::vector<std::string> services_to_ask(const std::optional<record::Owner>& pinned,
                                         const std::optional<record::Ticket>& ticket) {
  std::vector<std::string> out;
  if (pinned) out = pinned->services;
  if (!ticket) return out;
  for (const std::string& service : ticket->ticket.services) {
    if (out.size() < wire::kServicesMax && std::ranges::find(out, service) == out.end()) out.push_back(service);
  }
  return out;
}

Result<trust::Verified<tuf::Root>> newest_root(const std::vector<Blob>& chain,
                                               const std::optional<record::Owner>& pinned,
                                               const std::optional<record::Ticket>& ticket) {
  if (!pinned) return tuf::verify_root_chain(chain, ticket->ticket.owner_root);
  auto root = TRY(tuf::verify_root_chain(chain, pinned->root));
  if (!ticket) return root;
  const auto by_ticket = tuf::verify_root_chain(chain, ticket->ticket.owner_root);
  if (!by_ticket || (*by_ticket)->digest != root->digest) {
    return fail(Next::Rejected, kTicketForeign,
                "expected a claim ticket of the owner whose root is pinned, saw one of another root");
  }
  return root;
}

}  // namespace

Result<Found> bootstrap(contact::Services& services, const std::optional<record::Owner>& pinned,
                        const std::optional<record::Ticket>& ticket, WallTime now) {
  CHECK_INVARIANT(pinned || ticket);
  const std::string catalog = pinned ? pinned->catalog : ticket->ticket.catalog;
  if (ticket && ticket->ticket.catalog != catalog) {
    return fail(Next::Rejected, kTicketForeign,
                cat("expected a claim ticket for catalog ", printable(catalog), ", saw one for ",
                    printable(ticket->ticket.catalog)));
  }
  if (!trust::x509::is_catalog_name(catalog)) {
    return fail(Next::Rejected, kCatalogMalformed,
                cat("expected the name of a catalog, saw '", printable(catalog), "'"));
  }
  const Blob body = TRY(services.call({.services = services_to_ask(pinned, ticket),
                                       .peer = ports::ContentPinned{},
                                       .identity = {},
                                       .method = "GET",
                                       .path = cat("/v1/bootstrap/", catalog),
                                       .body = {}}));
  auto documents = TRY(wire::Bootstrap::decode(body));
  const auto root = TRY(newest_root(documents.root_chain, pinned, ticket));
  const auto pin = pinned ? pinned->trust_policy : tuf::TrustPolicyPin{};
  const auto policy = TRY(tuf::verify_trust_policy(documents.trust_policy, root, catalog, pin));
  TRY(tuf::require_unexpired("root metadata", root->expires, now));
  TRY(tuf::require_unexpired("trust policy", policy->expires, now));
  record::Owner owner{.root = root->digest,
                      .catalog = catalog,
                      .services = policy->services,
                      .service_ca = policy->service_ca,
                      .trust_policy = tuf::pin_of(*policy),
                      .ticket = ticket ? std::optional(ticket->digest) : (pinned ? pinned->ticket : std::nullopt)};
  return Found{std::move(owner), std::move(documents.root_chain.back()), std::move(documents.trust_policy)};
}

}  // namespace holdfast::device::bootstrap

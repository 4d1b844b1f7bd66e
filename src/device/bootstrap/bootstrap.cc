#include "device/bootstrap/bootstrap.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "device/medium/document.h"
#include "trust/x509/profile.h"
#include "wire/bootstrap.h"
#include "wire/carried.h"

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

/// What this policy lowers the device's floor to, if it does. Without a pin nobody knows whether it is an old one.
std::optional<WallTime> lowered_floor(const tuf::TrustPolicy& policy, const std::optional<record::Owner>& pinned,
                                      const Judged& at) {
  const bool is_next = pinned && pinned->trust_policy.version > 0 && policy.version > pinned->trust_policy.version;
  if (!is_next || !policy.time_floor) return std::nullopt;
  return policy.time_floor->device.value_or(at.device) == at.device ? std::optional(policy.time_floor->time)
                                                                    : std::nullopt;
}

Result<Found> accept(wire::Bootstrap documents, const std::string& catalog, const std::optional<record::Owner>& pinned,
                     const std::optional<record::Ticket>& ticket, const Judged& at) {
  const auto root = TRY(newest_root(documents.root_chain, pinned, ticket));
  const auto pin = pinned ? pinned->trust_policy : tuf::TrustPolicyPin{};
  const auto policy = TRY(tuf::verify_trust_policy(documents.trust_policy, root, catalog, pin));
  const auto floor = lowered_floor(*policy, pinned, at);
  const WallTime now = floor ? std::min(at.now, std::max(at.clock, *floor)) : at.now;
  TRY(tuf::require_unexpired("root metadata", root->expires, now));
  TRY(tuf::require_unexpired("trust policy", policy->expires, now));
  record::Owner owner{.root = root->digest,
                      .catalog = catalog,
                      .services = policy->services,
                      .service_ca = policy->service_ca,
                      .trust_policy = tuf::pin_of(*policy),
                      .ticket = ticket ? std::optional(ticket->digest) : (pinned ? pinned->ticket : std::nullopt)};
  return Found{std::move(owner), std::move(documents.root_chain.back()), std::move(documents.trust_policy), floor};
}

/// The pinned one: a power cut may have left a newer one on the disk, which comes before the pin; then it is on the
/// medium, where all of them are.
Result<Blob> pinned_root(ports::Medium& medium, const record::Owner& pinned, Bytes kept) {
  auto root = tuf::verify_pinned_root(kept, pinned.root);
  if (root) return to_blob(kept);
  for (std::size_t number = 1; number <= tuf::kRootChainMax; ++number) {
    auto document = TRY(medium::read_document(medium, cat("metadata/", number, ".root.json")));
    if (!document) break;
    if (tuf::verify_pinned_root(*document, pinned.root)) return *std::move(document);
  }
  return std::unexpected(std::move(root).error());
}

}  // namespace

Result<Found> bootstrap(contact::Services& services, const std::optional<record::Owner>& pinned,
                        const std::optional<record::Ticket>& ticket, const Judged& at) {
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
  return accept(TRY(wire::Bootstrap::decode(body)), catalog, pinned, ticket, at);
}

Result<std::optional<Found>> carried(ports::Medium& medium, const record::Owner& pinned, Bytes root, const Judged& at) {
  wire::Bootstrap documents;
  auto policy = TRY(medium::read_document(medium, wire::carried_trust_policy(pinned.catalog)));
  if (!policy) return std::optional<Found>();
  const auto read = TRY(tuf::read_trust_policy(TRY(tuf::parse_envelope(*policy))));
  if (read.version <= pinned.trust_policy.version) return std::optional<Found>();
  documents.trust_policy = *std::move(policy);
  documents.root_chain.push_back(TRY(pinned_root(medium, pinned, root)));
  const auto first = TRY(tuf::verify_pinned_root(documents.root_chain.front(), pinned.root));
  for (std::int64_t next = first->version + 1; documents.root_chain.size() < tuf::kRootChainMax; ++next) {
    auto document = TRY(medium::read_document(medium, cat("metadata/", next, ".root.json")));
    if (!document) break;
    documents.root_chain.push_back(*std::move(document));
  }
  return std::optional(TRY(accept(std::move(documents), pinned.catalog, pinned, {}, at)));
}

}  // namespace holdfast::device::bootstrap

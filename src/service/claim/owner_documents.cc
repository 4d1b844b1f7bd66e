#include "service/claim/owner_documents.h"

#include "base/encoding.h"
#include "base/text.h"
#include "service/audit/audit.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::claim {
namespace {

using ports::OwnerDocument;
using ports::OwnerDocumentRow;
using ports::Table;
using trust::Verified;
using namespace trust::tuf;

Result<std::vector<Blob>> root_chain(ports::Transaction& tx, std::string_view catalog) {
  std::vector<Blob> chain;
  const ports::Scan scan{.prefix = ports::record_of(catalog, OwnerDocument::Root), .limit = kRootChainMax};
  for (OwnerDocumentRow& row : TRY(Table<OwnerDocumentRow>(tx).scan(scan))) chain.push_back(std::move(row.bytes));
  if (chain.empty()) {
    return fail(Next::NotFound, kNothingThere, cat("the catalog '", printable(catalog), "' has no owner root"));
  }
  return chain;
}

Result<std::optional<OwnerDocumentRow>> newest_trust_policy(ports::Transaction& tx, std::string_view catalog) {
  const ports::Scan scan{
      .prefix = ports::record_of(catalog, OwnerDocument::TrustPolicy), .limit = 1, .descending = true};
  auto rows = TRY(Table<OwnerDocumentRow>(tx).scan(scan));
  if (rows.empty()) return std::optional<OwnerDocumentRow>();
  return std::optional<OwnerDocumentRow>(std::move(rows.front()));
}

/// The roots so far, each verified by the one before.
Result<std::vector<Verified<Root>>> walk(const std::vector<Blob>& chain) {
  std::vector<Verified<Root>> roots;
  roots.push_back(TRY(verify_pinned_root(chain.front(), root_digest(chain.front()))));
  for (std::size_t i = 1; i < chain.size(); ++i) roots.push_back(TRY(verify_next_root(chain[i], roots.back())));
  return roots;
}

std::unexpected<Error> no_trust_policy(std::string_view catalog) {
  return fail(Next::NotFound, kNothingThere, cat("the catalog '", printable(catalog), "' has no trust policy yet"));
}

/// The newest trust policy and the roots up to the one that it verifies under. That is the newest root, except between
/// a change of the owner's keys and the first trust policy that the new ones sign.
struct InForce {
  std::vector<Blob> chain;
  Blob envelope;
  Verified<TrustPolicy> policy;
};

Result<InForce> in_force(ports::Transaction& tx, std::string_view catalog) {
  auto chain = TRY(root_chain(tx, catalog));
  auto row = TRY(newest_trust_policy(tx, catalog));
  if (!row) return no_trust_policy(catalog);
  auto roots = TRY(walk(chain));
  while (true) {
    auto policy = verify_trust_policy(row->bytes, roots.back(), catalog, {});
    if (policy) return InForce{std::move(chain), std::move(row->bytes), *std::move(policy)};
    if (chain.size() == 1) return std::unexpected(policy.error());
    chain.pop_back();
    roots.pop_back();
  }
}

}  // namespace

Result<wire::Bootstrap> bootstrap(ports::Transaction& tx, std::string_view catalog) {
  InForce now = TRY(in_force(tx, catalog));
  return wire::Bootstrap{std::move(now.chain), std::move(now.envelope)};
}

Result<Verified<Root>> current_root(ports::Transaction& tx, std::string_view catalog) {
  const auto chain = TRY(root_chain(tx, catalog));
  return verify_root_chain(chain, root_digest(chain.front()));
}

Result<Verified<TrustPolicy>> current_trust_policy(ports::Transaction& tx, std::string_view catalog) {
  return TRY(in_force(tx, catalog)).policy;
}

Result<std::int64_t> trust_policy_number(ports::Transaction& tx, std::string_view catalog) {
  const auto row = TRY(newest_trust_policy(tx, catalog));
  return row ? row->version : 0;
}

Result<std::vector<Blob>> tpm_roots_of(ports::Transaction& tx, std::string_view catalog) {
  return TRY(current_trust_policy(tx, catalog))->tpm_roots;
}

Result<void> add_root(ports::Transaction& tx, std::string_view catalog, Bytes envelope, const Caller& by,
                      WallTime now) {
  const ports::Scan newest{.prefix = ports::record_of(catalog, OwnerDocument::Root), .limit = 1};
  const bool first = TRY(Table<OwnerDocumentRow>(tx).scan(newest)).empty();
  const Verified<Root> root = first ? TRY(input(verify_pinned_root(envelope, root_digest(envelope))))
                                    : TRY(input(verify_next_root(envelope, TRY(current_root(tx, catalog)))));
  TRY(require_unexpired("the owner's root", root->expires, now));
  TRY(Table<OwnerDocumentRow>(tx).insert(
      {std::string(catalog), OwnerDocument::Root, root->version, to_blob(envelope)}));
  return audit::append(tx,
                       {std::string(catalog), actor_of(by), "owner-root.added", std::string(catalog),
                        json::Object{{"version", root->version}, {"sha256", to_hex(root->digest)}}},
                       now);
}

Result<void> add_trust_policy(ports::Transaction& tx, std::string_view catalog, Bytes envelope, const Caller& by,
                              WallTime now) {
  const Verified<Root> root = TRY(current_root(tx, catalog));
  // The one before was verified when it was stored; after a change of the owner's keys the new ones have not signed it.
  TrustPolicyPin pin;
  if (const auto before = TRY(newest_trust_policy(tx, catalog))) {
    pin = pin_of(TRY(read_trust_policy(TRY(parse_envelope(before->bytes)))));
  }
  const auto policy = TRY(input(verify_trust_policy(envelope, root, catalog, pin)));
  TRY(require_unexpired("the trust policy", policy->expires, now));
  if (policy->version == pin.version) return {};  // the same document again
  TRY(Table<OwnerDocumentRow>(tx).insert(
      {std::string(catalog), OwnerDocument::TrustPolicy, policy->version, to_blob(envelope)}));
  return audit::append(tx,
                       {std::string(catalog), actor_of(by), "trust-policy.added", std::string(catalog),
                        json::Object{{"version", policy->version},
                                     {"sha256", to_hex(trust::crypto::sha256(envelope))},
                                     {"tpm_roots", static_cast<std::int64_t>(policy->tpm_roots.size())}}},
                       now);
}

}  // namespace holdfast::service::claim

#include "trust/tuf/root.h"

#include "base/encoding.h"
#include "base/text.h"

namespace holdfast::trust::tuf {
namespace {

Result<void> require_root_threshold(const Envelope& envelope, const Root& whose) {
  auto met = require_threshold(envelope, whose.keys, whose.role(RoleName::Root));
  if (met) return met;
  return fail_within(cat("root keys of version ", whose.version), std::move(met).error());
}

}  // namespace

Digest256 root_digest(Bytes envelope) { return crypto::sha256(envelope); }

Result<Verified<Root>> verify_pinned_root(Bytes envelope, const Digest256& pin) {
  const Digest256 digest = root_digest(envelope);
  if (digest != pin) {
    return fail(Next::Rejected, kRootNotPinned,
                cat("expected the root with SHA-256 ", to_hex(pin), ", saw ", to_hex(digest)));
  }
  const Envelope parsed = TRY(parse_envelope(envelope));
  Root root = TRY(read_root(parsed));
  TRY(require_root_threshold(parsed, root));
  root.digest = digest;
  return Verified<Root>(std::move(root), Proof());
}

Result<Verified<Root>> verify_next_root(Bytes envelope, const Verified<Root>& current) {
  const Envelope parsed = TRY(parse_envelope(envelope));
  Root root = TRY(read_root(parsed));
  if (root.version != current->version + 1) {
    return fail(
        Next::Rejected, kRootVersionWrong,
        cat("expected root version ", current->version + 1, " after ", current->version, ", saw ", root.version));
  }
  TRY(require_root_threshold(parsed, *current));
  TRY(require_root_threshold(parsed, root));
  root.digest = root_digest(envelope);
  return Verified<Root>(std::move(root), Proof());
}

Result<Verified<Root>> verify_root_chain(std::span<const Blob> chain, const Digest256& pin) {
  if (chain.size() > kRootChainMax) {
    return fail(Next::Rejected, kRootMalformed,
                cat("expected at most ", kRootChainMax, " roots in a chain, saw ", chain.size()));
  }
  std::size_t at = 0;
  while (at < chain.size() && root_digest(chain[at]) != pin) ++at;
  if (at == chain.size()) {
    return fail(
        Next::Rejected, kRootNotPinned,
        cat("expected a chain that holds the root with SHA-256 ", to_hex(pin), ", saw ", chain.size(), " others"));
  }
  Verified<Root> root = TRY(verify_pinned_root(chain[at], pin));
  for (++at; at < chain.size(); ++at) root = TRY(verify_next_root(chain[at], root));
  return root;
}

RootDraft first_root(std::vector<crypto::PublicKey> keys, std::int64_t threshold, WallTime expires) {
  RootDraft draft{.version = 1, .expires = expires, .keys = std::move(keys), .roles = {}};
  RoleDraft everybody{.keys = {}, .threshold = threshold};
  for (std::size_t i = 0; i < draft.keys.size(); ++i) everybody.keys.push_back(i);
  draft.roles.fill(everybody);
  return draft;
}

Result<Envelope> make_root(const RootDraft& draft) {
  std::vector<KeyId> ids;
  json::Object keys;
  for (const crypto::PublicKey& key : draft.keys) {
    Key made = TRY(make_key(key));
    ids.push_back(made.id);
    keys.emplace_back(std::move(made.id), std::move(made.document));
  }
  json::Object roles;
  for (std::size_t i = 0; i < kRoleCount; ++i) {
    json::Array holders;
    for (const std::size_t index : draft.roles[i].keys) {
      if (index >= ids.size()) {
        return fail(Next::Rejected, kRoleMalformed,
                    cat("expected one of the draft's ", ids.size(), " keys, saw number ", index));
      }
      holders.push_back(ids[index]);
    }
    roles.emplace_back(name_of(static_cast<RoleName>(i)),
                       json::Object{{"keyids", std::move(holders)}, {"threshold", draft.roles[i].threshold}});
  }
  json::Object members = write_header({draft.version, draft.expires}, "root");
  members.emplace_back("consistent_snapshot", true);
  members.emplace_back("keys", std::move(keys));
  members.emplace_back("roles", std::move(roles));
  Envelope envelope = TRY(make_envelope(std::move(members)));
  const Root made = TRY(read_root(envelope));
  for (std::size_t i = 0; i < kRoleCount; ++i) {
    TRY(require_reachable(name_of(static_cast<RoleName>(i)), made.roles[i]));
  }
  return envelope;
}

}  // namespace holdfast::trust::tuf

#include "service/identity/rotation.h"

#include <algorithm>

#include "base/text.h"
#include "service/audit/audit.h"
#include "service/identity/revocation_lists.h"

namespace holdfast::service::identity {
namespace {

using ports::CertificateKind;
using ports::CertificateRow;
using ports::CertificateState;
using ports::FormerAuthorityRow;
using ports::KeyPurpose;
using ports::KeyRow;
using ports::Table;

constexpr std::size_t kFormerShownMax = 100;

Result<void> collect(ports::Transaction& tx, std::string_view catalog, CertificateKind kind, CertificateState state,
                     WallTime now, std::map<std::int64_t, Outstanding>& out) {
  const WallTime last_over = now - Duration(1);  // at its end a certificate is still good
  ports::Scan scan{.index = ports::kCertificatesByEnd,
                   .prefix = ports::record_of(catalog, kind, state),
                   .after = ports::record_of(catalog, kind, state, last_over, catalog, Blob(16, 0xFF)),
                   .limit = ports::kScanRowsMax};
  while (true) {
    const auto rows = TRY(Table<CertificateRow>(tx).scan(scan));
    for (const CertificateRow& row : rows) {
      Outstanding& of_one = out[row.authority.value_or(0)];
      of_one.valid += state == CertificateState::Valid ? 1 : 0;
      of_one.last_ends_at = std::max(of_one.last_ends_at, row.not_after);
    }
    if (rows.size() < scan.limit) return {};
    scan.after = ports::record_of(catalog, kind, state, rows.back().not_after, catalog, rows.back().serial);
  }
}

std::optional<Outstanding> issued_by(const std::map<std::int64_t, Outstanding>& all, std::int64_t number) {
  const auto found = all.find(number);
  return found == all.end() ? std::nullopt : std::optional(found->second);
}

/// Until when something is out there that this authority issued, or may have.
std::optional<WallTime> used_until(const std::map<std::int64_t, Outstanding>& all, std::int64_t number) {
  std::optional<WallTime> out;
  for (const std::int64_t one : {number, std::int64_t{0}}) {
    if (const auto issued = issued_by(all, one)) {
      out = std::max(out.value_or(issued->last_ends_at), issued->last_ends_at);
    }
  }
  return out;
}

AuthorityState state_of(const KeyRow& row, std::optional<std::int64_t> in_force, std::optional<WallTime> not_after,
                        WallTime now) {
  if (!row.certificate) return AuthorityState::Prepared;
  if (is_announced(row, now)) return AuthorityState::Announced;
  if (not_after && *not_after <= now) return AuthorityState::Expired;
  return in_force == row.number ? AuthorityState::InForce : AuthorityState::Overlapping;
}

bool is_past(AuthorityState state) { return state == AuthorityState::Overlapping || state == AuthorityState::Expired; }

Result<std::optional<std::int64_t>> number_in_force(ports::Transaction& tx, std::string_view catalog,
                                                    KeyPurpose purpose, WallTime now) {
  const auto row = authority_in_force(tx, catalog, purpose, now);
  if (row) return std::optional(row->number);
  if (row.error().reason == kAuthorityMissing) return std::optional<std::int64_t>();
  return std::unexpected(row.error());
}

Result<Authority> described(const KeyRow& row, Deps& deps, std::optional<std::int64_t> in_force,
                            const std::map<std::int64_t, Outstanding>& all, WallTime now) {
  Authority out;
  out.purpose = row.purpose;
  out.number = row.number;
  out.certificate = row.certificate;
  out.created_at = row.created_at;
  out.in_force_at = row.in_force_at;
  if (row.certificate) out.not_after = TRY(trust::x509::parse_certificate(*row.certificate)).not_after();
  out.state = state_of(row, in_force, out.not_after, now);
  out.issued = issued_by(all, row.number);
  if (is_past(out.state)) {
    const auto until = used_until(all, row.number);
    out.may_retire = !until;
    if (until) out.issued = Outstanding{.valid = out.issued ? out.issued->valid : 0, .last_ends_at = *until};
  }
  out.is_in_token = TRY(deps.keyring.reference_of(row)).has_value();
  return out;
}

Authority described(const FormerAuthorityRow& row) {
  Authority out;
  out.purpose = row.purpose;
  out.number = row.number;
  out.state = row.is_distrusted ? AuthorityState::Distrusted : AuthorityState::Retired;
  out.certificate = row.certificate;
  out.created_at = row.created_at;
  out.ended_at = row.ended_at;
  out.reason = row.reason;
  return out;
}

Result<KeyRow> find_key(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose, std::int64_t number) {
  auto row = TRY(Table<KeyRow>(tx).find(catalog, purpose, number));
  if (row) return *std::move(row);
  return fail(Next::NotFound, kAuthorityMissing,
              cat("the catalog '", printable(catalog), "' has no ", name_of(purpose), " CA ", number));
}

/// The key goes, the rest stays. What is in a token is destroyed there afterwards.
Result<void> withdraw(ports::Transaction& tx, Deps& deps, const KeyRow& row, bool is_distrusted,
                      std::string_view reason, WallTime now) {
  FormerAuthorityRow former;
  former.catalog = row.catalog;
  former.purpose = row.purpose;
  former.number = row.number;
  former.public_key = row.public_key;
  former.certificate = row.certificate;
  former.created_at = row.created_at;
  former.ended_at = now;
  former.is_distrusted = is_distrusted;
  former.reason = reason;
  if (TRY(deps.keyring.reference_of(row))) former.key_in_token = row.sealed_key;
  TRY(Table<FormerAuthorityRow>(tx).insert(former));
  TRY(Table<KeyRow>(tx).erase(row.catalog, row.purpose, row.number));
  return outdate_lists(tx, row.catalog, row.purpose);
}

Result<void> enter(ports::Transaction& tx, std::string_view action, const KeyRow& row, std::string_view reason,
                   const Caller& by, WallTime now) {
  json::Value detail = json::Object{{"authority", name_of(row.purpose)}, {"number", row.number}};
  if (!reason.empty()) detail.set("reason", reason);
  return audit::append(tx, {row.catalog, actor_of(by), std::string(action), row.catalog, std::move(detail)}, now);
}

/// Nothing is in force: what relying services would still wait for does not matter any more.
Result<void> bring_forward(ports::Transaction& tx, std::string_view catalog, KeyPurpose purpose, WallTime now) {
  if (TRY(number_in_force(tx, catalog, purpose, now))) return {};
  for (KeyRow& row : TRY(authorities_not_expired(tx, catalog, purpose, now))) {
    row.in_force_at = now;
    return Table<KeyRow>(tx).update(row);
  }
  return {};
}

}  // namespace

std::string_view name_of(AuthorityState state) {
  switch (state) {
    case AuthorityState::Prepared: return "prepared";
    case AuthorityState::Announced: return "announced";
    case AuthorityState::InForce: return "in-force";
    case AuthorityState::Overlapping: return "overlapping";
    case AuthorityState::Expired: return "expired";
    case AuthorityState::Retired: return "retired";
    case AuthorityState::Distrusted: return "distrusted";
  }
  return "?";
}

Result<std::map<std::int64_t, Outstanding>> outstanding(ports::Transaction& tx, std::string_view catalog,
                                                        KeyPurpose purpose, WallTime now) {
  std::map<std::int64_t, Outstanding> out;
  for (const CertificateKind kind :
       {CertificateKind::Client, CertificateKind::Update, CertificateKind::Quarantine, CertificateKind::Unattested}) {
    if (list_of(kind) != purpose) continue;
    for (const auto state : {CertificateState::Valid, CertificateState::Superseded, CertificateState::Revoked}) {
      TRY(collect(tx, catalog, kind, state, now, out));
    }
  }
  return out;
}

Result<std::vector<Authority>> authorities_of(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                              KeyPurpose purpose, WallTime now) {
  const auto in_force = TRY(number_in_force(tx, catalog, purpose, now));
  const auto issued = TRY(outstanding(tx, catalog, purpose, now));
  const ports::Scan newest{.prefix = ports::record_of(catalog, purpose), .limit = kFormerShownMax, .descending = true};
  std::vector<Authority> out;
  for (const KeyRow& row : TRY(Table<KeyRow>(tx).scan(newest))) {
    out.push_back(TRY(described(row, deps, in_force, issued, now)));
  }
  for (const auto& row : TRY(Table<FormerAuthorityRow>(tx).scan(newest))) out.push_back(described(row));
  std::ranges::stable_sort(out, std::ranges::greater{}, &Authority::number);
  return out;
}

Result<void> retire_authority(ports::Transaction& tx, Deps& deps, std::string_view catalog, KeyPurpose purpose,
                              std::int64_t number, const Caller& by, WallTime now) {
  if (TRY(Table<FormerAuthorityRow>(tx).find(catalog, purpose, number))) return {};
  const KeyRow row = TRY(find_key(tx, catalog, purpose, number));
  const auto issued = TRY(outstanding(tx, catalog, purpose, now));
  const Authority authority = TRY(described(row, deps, TRY(number_in_force(tx, catalog, purpose, now)), issued, now));
  if (!is_past(authority.state)) {
    return fail(Next::Conflict, kAuthorityInUse,
                cat("expected a ", name_of(purpose), " CA that another one has replaced, saw CA ", number,
                    ", which is ", name_of(authority.state)));
  }
  if (const auto until = used_until(issued, number)) {
    return fail(Next::Conflict, kAuthorityInUse,
                cat("expected every certificate of the ", name_of(purpose), " CA ", number,
                    " to have ended, saw some that end until ", to_rfc3339(*until)));
  }
  TRY(withdraw(tx, deps, row, false, "", now));
  return enter(tx, "authority.retired", row, "", by, now);
}

Result<void> distrust_authority(ports::Transaction& tx, Deps& deps, std::string_view catalog, KeyPurpose purpose,
                                std::int64_t number, std::string_view reason, const Caller& by, WallTime now) {
  if (auto former = TRY(Table<FormerAuthorityRow>(tx).find(catalog, purpose, number))) {
    if (former->is_distrusted) return {};
    return fail(Next::Conflict, kAuthorityEnded,
                cat("the ", name_of(purpose), " CA ", number, " is retired: its key is gone since ",
                    to_rfc3339(former->ended_at), " and nothing that it issued is in force"));
  }
  const KeyRow row = TRY(find_key(tx, catalog, purpose, number));
  TRY(withdraw(tx, deps, row, true, reason, now));
  TRY(bring_forward(tx, catalog, purpose, now));
  return enter(tx, "authority.distrusted", row, reason, by, now);
}

Result<void> destroy_key(Deps& deps, std::string_view catalog, KeyPurpose purpose, std::int64_t number) {
  std::optional<FormerAuthorityRow> former;
  TRY(deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    former = TRY(Table<FormerAuthorityRow>(tx).find(catalog, purpose, number));
    return {};
  }));
  if (!former || !former->key_in_token) return {};
  KeyRow row;
  row.catalog = former->catalog;
  row.purpose = purpose;
  row.number = number;
  row.public_key = former->public_key;
  row.sealed_key = *former->key_in_token;
  TRY(deps.keyring.destroy(row));
  former->key_in_token.reset();
  return deps.store.write([&](ports::Transaction& tx) { return Table<FormerAuthorityRow>(tx).update(*former); });
}

}  // namespace holdfast::service::identity

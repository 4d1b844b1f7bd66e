#include "service/access/access.h"

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/catalog.h"
#include "service/audit/audit.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::access {
namespace {

using ports::OperatorRow;
using ports::OwnerLinkRow;
using ports::Table;

std::unexpected<Error> unknown(std::string message) { return fail(Next::Denied, kCallerUnknown, std::move(message)); }

bool is_operator_name(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  for (const char c : name) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '@' || c == '_';
    if (!fits) return false;
  }
  return true;
}

}  // namespace

Result<OperatorCaller> authenticate(ports::Transaction& tx, std::string_view authorization, WallTime now) {
  constexpr std::string_view kScheme = "Bearer ";
  if (authorization.empty()) return unknown("expected an operator's token, saw none");
  if (!authorization.starts_with(kScheme)) return unknown("expected 'Authorization: Bearer …', saw another scheme");
  const std::string_view token = authorization.substr(kScheme.size());
  // The digest is looked up, not the token, so that the comparison's time says nothing about it.
  const auto row =
      TRY(Table<OperatorRow>(tx).find_by(ports::kOperatorsByToken, trust::crypto::sha256(as_bytes(token))));
  if (!row) return unknown("expected the token of an operator, saw one that nobody has");
  if (row->revoked_at)
    return unknown(cat("the token of '", row->name, "' was revoked at ", to_rfc3339(*row->revoked_at)));
  if (row->expires_at && now >= *row->expires_at) {
    return unknown(cat("the token of '", row->name, "' expired at ", to_rfc3339(*row->expires_at)));
  }
  const Scope scope = TRY(parse_scope(row->scope));
  return OperatorCaller{row->name, row->catalog, scope};
}

Result<bool> has_no_operator(ports::Transaction& tx) {
  return TRY(Table<OperatorRow>(tx).scan({.prefix = {}, .after = {}, .limit = 1})).empty();
}

Result<std::string> make_owner_link(ports::Transaction& tx, Deps& deps, WallTime now) {
  const Secret secret = ports::random_secret(deps.random, kTokenBytes);
  std::string text = to_base64url(secret.expose());
  TRY(Table<OwnerLinkRow>(tx).insert({trust::crypto::sha256(as_bytes(text)), now + kOwnerLinkLife, {}}));
  return text;
}

Result<std::string> add_operator(ports::Transaction& tx, Deps& deps, const NewOperator& person, const Caller& by,
                                 WallTime now) {
  if (!is_operator_name(person.name)) {
    return fail(
        Next::Rejected, kNameMalformed,
        cat("expected an operator's name of 1 to 64 of a-z 0-9 . _ @ -, saw '", printable(person.name, 80), "'"));
  }
  if (!person.catalog.empty() && !TRY(Table<ports::CatalogRow>(tx).find(person.catalog))) {
    return fail(Next::NotFound, kNothingThere, cat("there is no catalog '", printable(person.catalog, 60), "'"));
  }
  const Secret secret = ports::random_secret(deps.random, kTokenBytes);
  std::string token = cat(kTokenPrefix, to_base64url(secret.expose()));
  OperatorRow row;
  row.name = person.name;
  row.token_sha256 = trust::crypto::sha256(as_bytes(token));
  row.catalog = person.catalog;
  row.scope = name_of(person.scope);
  row.created_by = actor_of(by);
  row.created_at = now;
  row.expires_at = person.expires_at;
  auto inserted = Table<OperatorRow>(tx).insert(row);
  if (!inserted && inserted.error().reason == ports::kRowExists) {
    return fail(Next::Conflict, kAlreadyThere, cat("an operator '", person.name, "' is already there"));
  }
  if (!inserted) return std::unexpected(inserted.error());
  TRY(audit::append(tx,
                    {person.catalog, actor_of(by), "operator.added", person.name,
                     json::Object{{"scope", row.scope}, {"catalog", person.catalog}}},
                    now));
  return token;
}

Result<void> revoke_operator(ports::Transaction& tx, std::string_view name, const Caller& by, WallTime now) {
  Table<OperatorRow> operators(tx);
  auto row = TRY(operators.find(name));
  if (!row) return fail(Next::NotFound, kNothingThere, cat("there is no operator '", printable(name), "'"));
  if (row->revoked_at) return {};
  row->revoked_at = now;
  TRY(operators.update(*row));
  return audit::append(tx, {row->catalog, actor_of(by), "operator.revoked", row->name, {}}, now);
}

Result<std::string> redeem_owner_link(ports::Transaction& tx, Deps& deps, std::string_view secret, std::string name,
                                      WallTime now) {
  Table<OwnerLinkRow> links(tx);
  auto link = TRY(links.find(trust::crypto::sha256(as_bytes(secret))));
  if (!link) return unknown("expected the secret of an owner link, saw another");
  if (link->used_at || now >= link->expires_at) {
    return fail(Next::Denied, kOwnerLinkSpent,
                link->used_at ? cat("this owner link was used at ", to_rfc3339(*link->used_at))
                              : cat("this owner link expired at ", to_rfc3339(link->expires_at)));
  }
  // Every start without an owner makes a link; the first one that is used ends them all.
  if (!TRY(has_no_operator(tx))) return fail(Next::Denied, kOwnerLinkSpent, "this service has its owner already");
  link->used_at = now;
  TRY(links.update(*link));
  return add_operator(tx, deps, {std::move(name), "", Scope::Own, {}}, AnonymousCaller{}, now);
}

}  // namespace holdfast::service::access

#include "service/access/access.h"
#include "service/gateway/page.h"

namespace holdfast::service::gateway {
namespace {

json::Value to_json(const ports::OperatorRow& row) {
  json::Value out = json::Object{{"name", row.name},
                                 {"scope", row.scope},
                                 {"catalog", row.catalog},
                                 {"created_by", row.created_by},
                                 {"created_at", to_rfc3339(row.created_at)}};
  if (row.expires_at) out.set("expires_at", to_rfc3339(*row.expires_at));
  if (row.revoked_at) out.set("revoked_at", to_rfc3339(*row.revoked_at));
  return out;
}

Result<Response> post_owner_link(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "owner link"));
  const std::string secret = TRY(fields.text("secret", 128));
  const std::string name = TRY(fields.text("name", 64));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string token = TRY(access::redeem_owner_link(tx, call.deps, secret, name, call.now));
    return json_response(201, json::Object{{"operator", name}, {"token", token}});
  });
}

constexpr std::string_view kScopes[] = {"read", "operate", "own"};
constexpr std::string_view kStates[] = {"active", "expired", "revoked"};
enum class OperatorState { Active, Expired, Revoked };

OperatorState state_of(const ports::OperatorRow& row, WallTime now) {
  if (row.revoked_at) return OperatorState::Revoked;
  return row.expires_at && *row.expires_at <= now ? OperatorState::Expired : OperatorState::Active;
}

Result<Response> get_operators(const Call& call) {
  const auto scope = TRY(call.query_word("scope", kScopes));
  const auto state = TRY(call.query_word("state", kStates));
  const std::string catalog = call.query("catalog");
  const auto fits = [&](const ports::OperatorRow& row) {
    return (!scope || row.scope == kScopes[*scope]) && (catalog.empty() || row.catalog == catalog) &&
           (!state || static_cast<std::size_t>(state_of(row, call.now)) == *state);
  };
  return in_read(call, [&](ports::Transaction& tx) {
    return list_page<ports::OperatorRow>(call, tx, {}, fits,
                                         [](const ports::OperatorRow& row) { return to_json(row); });
  });
}

Result<Response> get_operator(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row = TRY(require_row<ports::OperatorRow>(tx, "operator", call.parameter("operator")));
    return object_response(call, to_json(row));
  });
}

Result<Response> post_operators(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "operator"));
  access::NewOperator person;
  person.name = TRY(fields.text("name", 64));
  person.scope = TRY(parse_scope(TRY(fields.text("scope", 16))));
  if (fields.has("catalog")) person.catalog = TRY(fields.text("catalog", 64));
  if (fields.has("expires_at")) person.expires_at = TRY(fields.time("expires_at"));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string token = TRY(access::add_operator(tx, call.deps, person, call.caller, call.now));
    return json_response(201, json::Object{{"operator", person.name}, {"token", token}});
  });
}

Result<Response> delete_operator(const Call& call) {
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& name = call.parameter("operator");
    const auto row = TRY(ports::Table<ports::OperatorRow>(tx).find(name));
    TRY(call.preconditions.require(row ? std::optional(to_json(*row)) : std::nullopt));
    TRY(access::revoke_operator(tx, name, call.caller, call.now));
    return json_response(200, json::Object{{"revoked", name}});
  });
}

}  // namespace

const std::vector<Route>& access_routes() {
  static const std::vector<Route> kRoutes = {
      {Port::Management, "POST", "/v1/owner-link", Admits::Anyone, Scope::Own, post_owner_link},
      {Port::Management, "GET", "/v1/operators", Admits::Operator, Scope::Own, get_operators,
       "after limit scope state catalog"},
      {Port::Management, "GET", "/v1/operators/{operator}", Admits::Operator, Scope::Own, get_operator},
      {Port::Management, "POST", "/v1/operators", Admits::Operator, Scope::Own, post_operators},
      {Port::Management, "DELETE", "/v1/operators/{operator}", Admits::Operator, Scope::Own, delete_operator},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway

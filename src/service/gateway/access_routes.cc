#include "service/access/access.h"
#include "service/gateway/answers.h"

namespace holdfast::service::gateway {
namespace {

constexpr std::size_t kOperatorsListed = 1000;

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
  std::string token;
  TRY(call.deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    token = TRY(access::redeem_owner_link(tx, call.deps, secret, name, call.now));
    return {};
  }));
  return json_response(201, json::Object{{"operator", name}, {"token", token}});
}

Result<Response> get_operators(const Call& call) {
  json::Array items;
  TRY(call.deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    const ports::Scan scan{.limit = kOperatorsListed};
    for (const auto& row : TRY(ports::Table<ports::OperatorRow>(tx).scan(scan))) items.push_back(to_json(row));
    return {};
  }));
  return json_response(200, json::Object{{"items", std::move(items)}});
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
  std::string token;
  TRY(call.deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    token = TRY(access::add_operator(tx, call.deps, person, call.caller, call.now));
    return {};
  }));
  return json_response(201, json::Object{{"operator", person.name}, {"token", token}});
}

Result<Response> delete_operator(const Call& call) {
  TRY(call.deps.store.write([&](ports::Transaction& tx) {
    return access::revoke_operator(tx, call.parameter("operator"), call.caller, call.now);
  }));
  return json_response(200, json::Object{{"revoked", call.parameter("operator")}});
}

}  // namespace

const std::vector<Route>& access_routes() {
  static const std::vector<Route> kRoutes = {
      {Port::Management, "POST", "/v1/owner-link", Admits::Anyone, Scope::Own, post_owner_link},
      {Port::Management, "GET", "/v1/operators", Admits::Operator, Scope::Own, get_operators},
      {Port::Management, "POST", "/v1/operators", Admits::Operator, Scope::Own, post_operators},
      {Port::Management, "DELETE", "/v1/operators/{operator}", Admits::Operator, Scope::Own, delete_operator},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway

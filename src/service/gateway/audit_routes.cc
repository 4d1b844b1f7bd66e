#include "base/encoding.h"
#include "service/audit/audit.h"
#include "service/gateway/answers.h"

namespace holdfast::service::gateway {
namespace {

/// The service's own chain has no catalog; it is read under the name that no catalog can have.
std::string chain_of(const Call& call) {
  const std::string& name = call.parameter("catalog");
  return name == "_service" ? std::string() : name;
}

Result<Response> get_audit(const Call& call) {
  const auto limit = static_cast<std::size_t>(TRY(call.query_integer("limit", kPageMax, 1, kPageMax)));
  const std::int64_t after = TRY(call.query_integer("after", 0, 0, INT64_MAX));
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string chain = chain_of(call);
    const ports::Scan scan{.prefix = ports::record_of(chain), .after = ports::record_of(chain, after), .limit = limit};
    json::Array items;
    const auto rows = TRY(ports::Table<ports::AuditRow>(tx).scan(scan));
    for (const auto& row : rows) items.push_back(audit::to_json(row));
    const bool more = rows.size() == limit;
    return list_response(std::move(items), more ? std::optional(std::to_string(rows.back().sequence)) : std::nullopt);
  });
}

Result<Response> get_audit_head(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto head = TRY(audit::signed_head(tx, call.deps, chain_of(call)));
    return json_response(200, json::Object{{"catalog", head.head.catalog},
                                           {"sequence", head.head.sequence},
                                           {"hash", to_hex(head.head.hash)},
                                           {"signature", to_base64(head.signature)},
                                           {"public_key", to_base64(head.public_key)}});
  });
}

}  // namespace

const std::vector<Route>& audit_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/audit", kBy, Scope::Read, get_audit},
      {kPort, "GET", "/v1/catalogs/{catalog}/audit/head", kBy, Scope::Read, get_audit_head},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway

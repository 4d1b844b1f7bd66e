#include "service/appraise/policies.h"
#include "service/gateway/page.h"
#include "service/gateway/waiting.h"

namespace holdfast::service::gateway {
namespace {

using ports::PolicyRow;
using ports::Table;

constexpr std::int64_t kPoliciesPageMax = 50;  // each has its document

Result<json::Value> to_json(const PolicyRow& row) {
  json::Value document = TRY(json::parse(as_bytes(row.document)));
  json::Value loosenings = TRY(json::parse(as_bytes(row.loosenings)));
  return json::Object{{"name", row.name},
                      {"version", row.version},
                      {"document", std::move(document)},
                      {"loosenings", std::move(loosenings)},
                      {"proposed_by", row.proposed_by},
                      {"decided_by", row.decided_by},
                      {"created_at", to_rfc3339(row.created_at)}};
}

json::Array texts(const std::vector<std::string>& list) {
  json::Array out;
  for (const std::string& text : list) out.emplace_back(text);
  return out;
}

Result<Response> list_policies(const Call& call, const ports::Record& prefix) {
  return in_read(call, [&](ports::Transaction& tx) {
    return list_page<PolicyRow>(
        call, tx, {.prefix = prefix}, kEveryRow, [](const PolicyRow& row) { return to_json(row); }, kPoliciesPageMax);
  });
}

Result<Response> get_policies(const Call& call) {
  return list_policies(call, ports::record_of(call.parameter("catalog")));
}

Result<Response> get_policy_versions(const Call& call) {
  return list_policies(call, ports::record_of(call.parameter("catalog"), call.parameter("policy")));
}

/// The newest version, or none.
Result<std::optional<json::Value>> newest_version(ports::Transaction& tx, const Call& call) {
  const ports::Scan newest{
      .prefix = ports::record_of(call.parameter("catalog"), call.parameter("policy")), .limit = 1, .descending = true};
  const auto rows = TRY(Table<PolicyRow>(tx).scan(newest));
  if (rows.empty()) return std::optional<json::Value>();
  return std::optional(TRY(to_json(rows.front())));
}

Result<Response> get_policy(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto policy = TRY(newest_version(tx, call));
    if (policy) return object_response(call, *policy);
    return fail(Next::NotFound, kNothingThere, "there is no such policy");
  });
}

Result<Response> post_policy(const Call& call) {
  const json::Value document = TRY(body_of(call));
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    const std::string& name = call.parameter("policy");
    TRY(call.preconditions.require(TRY(newest_version(tx, call))));
    auto waits = TRY(submit(call, tx, TRY(approval::policy_change(tx, catalog, name, document))));
    if (waits) return *std::move(waits);
    return json_response(201, *TRY(newest_version(tx, call)));
  });
}

Result<Response> post_dry_run(const Call& call) {
  const auto policy = TRY(trust::appraisal::policy_from(TRY(body_of(call))));
  const auto limit = static_cast<std::size_t>(
      TRY(call.query_integer("limit", kPageDefault, 1, static_cast<std::int64_t>(appraise::kDryRunPageMax))));
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto page =
        TRY(appraise::dry_run(tx, call.deps, call.parameter("catalog"), policy, call.query("after"), limit));
    json::Array items;
    for (const auto& result : page.results) {
      items.emplace_back(json::Object{{"device", result.device},
                                      {"now", trust::appraisal::name_of(result.now)},
                                      {"would_be", trust::appraisal::name_of(result.would_be)},
                                      {"why", texts(result.why)}});
    }
    return list_response(std::move(items), page.next);
  });
}

}  // namespace

const std::vector<Route>& policy_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/policies", kBy, Scope::Read, get_policies, "after limit"},
      {kPort, "POST", "/v1/catalogs/{catalog}/policy-dry-run", kBy, Scope::Read, post_dry_run, "after limit"},
      {kPort, "GET", "/v1/catalogs/{catalog}/policies/{policy}", kBy, Scope::Read, get_policy},
      {kPort, "GET", "/v1/catalogs/{catalog}/policies/{policy}/versions", kBy, Scope::Read, get_policy_versions,
       "after limit"},
      {kPort, "POST", "/v1/catalogs/{catalog}/policies/{policy}", kBy, Scope::Operate, post_policy},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway

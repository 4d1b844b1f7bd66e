#include "base/encoding.h"
#include "base/text.h"
#include "service/appraise/policies.h"
#include "service/appraise/references.h"
#include "service/gateway/waiting.h"

namespace holdfast::service::gateway {
namespace {

using ports::PolicyRow;
using ports::ReferenceSetRow;
using ports::Table;

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

json::Value to_json(const ReferenceSetRow& row) {
  return json::Object{{"id", to_hex(row.id)},
                      {"component", row.component},
                      {"version", row.version},
                      {"security_version", row.security_version},
                      {"source", row.source},
                      {"added_by", row.added_by},
                      {"added_at", to_rfc3339(row.added_at)}};
}

json::Array texts(const std::vector<std::string>& list) {
  json::Array out;
  for (const std::string& text : list) out.emplace_back(text);
  return out;
}

Result<Response> list_policies(const Call& call, const ports::Record& prefix) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    json::Array items;
    const ports::Scan scan{.prefix = prefix, .limit = static_cast<std::size_t>(kPageMax)};
    for (const PolicyRow& row : TRY(Table<PolicyRow>(tx).scan(scan))) items.push_back(TRY(to_json(row)));
    return list_response(std::move(items));
  });
}

Result<Response> get_policies(const Call& call) {
  return list_policies(call, ports::record_of(call.parameter("catalog")));
}

Result<Response> get_policy(const Call& call) {
  return list_policies(call, ports::record_of(call.parameter("catalog"), call.parameter("policy")));
}

Result<Response> post_policy(const Call& call) {
  const json::Value document = TRY(body_of(call));
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    const std::string& name = call.parameter("policy");
    auto waits = TRY(submit(call, tx, TRY(approval::policy_change(tx, catalog, name, document))));
    if (waits) return *std::move(waits);
    const ports::Scan newest{.prefix = ports::record_of(catalog, name), .limit = 1, .descending = true};
    return json_response(201, TRY(to_json(TRY(Table<PolicyRow>(tx).scan(newest)).front())));
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

Result<Response> get_reference_values(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    const ports::Scan scan{.prefix = ports::record_of(catalog), .limit = static_cast<std::size_t>(kPageMax)};
    std::map<Digest256, json::Array> allowed;
    for (const auto& row : TRY(Table<ports::AllowedReferenceRow>(tx).scan(scan))) {
      allowed[row.id].emplace_back(row.device_group.empty() ? row.product : cat(row.product, "/", row.device_group));
    }
    json::Array items;
    for (const ReferenceSetRow& row : TRY(Table<ReferenceSetRow>(tx).scan(scan))) {
      json::Value item = to_json(row);
      item.set("allowed", std::move(allowed[row.id]));
      items.push_back(std::move(item));
    }
    return list_response(std::move(items));
  });
}

Result<Response> post_reference_values(const Call& call) {
  const auto set = TRY(trust::appraisal::reference_set_from(TRY(body_of(call))));
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(require_row<ports::CatalogRow>(tx, "catalog", call.parameter("catalog")));
    return json_response(
        201, to_json(TRY(appraise::add_reference_set(tx, call.parameter("catalog"), set, call.caller, call.now))));
  });
}

Result<Response> put_allowed(const Call& call) {
  const auto id = TRY(array_from_hex<32>(call.parameter("id")));
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    auto waits =
        TRY(submit(call, tx, approval::reference_values_change(id, call.query("product"), call.query("device_group"))));
    if (waits) return *std::move(waits);
    return json_response(200, json::Object{{"id", to_hex(id)}, {"allowed", true}});
  });
}

Result<Response> delete_allowed(const Call& call) {
  const auto id = TRY(array_from_hex<32>(call.parameter("id")));
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(appraise::disallow_reference_set(tx, call.parameter("catalog"), id, call.query("product"),
                                         call.query("device_group"), call.caller, call.now));
    return json_response(200, json::Object{{"id", to_hex(id)}, {"allowed", false}});
  });
}

Result<Response> get_baseline(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto proposal =
        TRY(appraise::propose_baseline(tx, call.deps, call.parameter("catalog"), call.parameter("device")));
    return json_response(200, json::Object{{"set", trust::appraisal::to_json(proposal.set)},
                                           {"unknown_events", texts(proposal.unknown_events)}});
  });
}

Result<Response> post_baseline(const Call& call) {
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    const std::string& device = call.parameter("device");
    const auto set = TRY(appraise::propose_baseline(tx, call.deps, catalog, device)).set;
    auto waits = TRY(submit(call, tx, TRY(approval::baseline_change(tx, call.deps, catalog, device))));
    if (waits) return *std::move(waits);
    return json_response(201, to_json(TRY(appraise::find_reference_set(tx, catalog, appraise::reference_set_id(set)))));
  });
}

}  // namespace

const std::vector<Route>& policy_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/policies", kBy, Scope::Read, get_policies},
      {kPort, "POST", "/v1/catalogs/{catalog}/policy-dry-run", kBy, Scope::Read, post_dry_run},
      {kPort, "GET", "/v1/catalogs/{catalog}/policies/{policy}", kBy, Scope::Read, get_policy},
      {kPort, "POST", "/v1/catalogs/{catalog}/policies/{policy}", kBy, Scope::Operate, post_policy},
      {kPort, "GET", "/v1/catalogs/{catalog}/reference-values", kBy, Scope::Read, get_reference_values},
      {kPort, "POST", "/v1/catalogs/{catalog}/reference-values", kBy, Scope::Operate, post_reference_values},
      {kPort, "PUT", "/v1/catalogs/{catalog}/reference-values/{id}/allowed", kBy, Scope::Operate, put_allowed},
      {kPort, "DELETE", "/v1/catalogs/{catalog}/reference-values/{id}/allowed", kBy, Scope::Operate, delete_allowed},
      {kPort, "GET", "/v1/catalogs/{catalog}/devices/{device}/baseline", kBy, Scope::Read, get_baseline},
      {kPort, "POST", "/v1/catalogs/{catalog}/devices/{device}/baseline", kBy, Scope::Operate, post_baseline},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway

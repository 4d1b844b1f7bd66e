#include "base/encoding.h"
#include "base/text.h"
#include "service/appraise/references.h"
#include "service/gateway/page.h"
#include "service/gateway/shown.h"
#include "service/gateway/waiting.h"

namespace holdfast::service::gateway {
namespace {

using ports::ReferenceSetRow;
using ports::Table;

constexpr std::int64_t kSetsPageMax = 200;  // each row has its document
constexpr std::string_view kSources[] = {"image", "baseline"};
constexpr json::Limits kDocumentLimits{.bytes_max = ports::kFieldBytesMax, .nodes_max = 200'000};

json::Value to_json(const ReferenceSetRow& row) {
  return json::Object{{"id", to_hex(row.id)},
                      {"component", row.component},
                      {"version", row.version},
                      {"security_version", row.security_version},
                      {"source", row.source},
                      {"added_by", row.added_by},
                      {"added_at", to_rfc3339(row.added_at)}};
}

/// With where it is allowed, as `product` or `product/device_group`.
Result<json::Value> shown(ports::Transaction& tx, const ReferenceSetRow& row) {
  json::Array allowed;
  const ports::Scan scan{.index = ports::kAllowedReferencesById,
                         .prefix = ports::record_of(row.catalog, row.id),
                         .limit = static_cast<std::size_t>(kPageMax)};
  for (const auto& one : TRY(Table<ports::AllowedReferenceRow>(tx).scan(scan))) {
    allowed.emplace_back(one.device_group.empty() ? one.product : cat(one.product, "/", one.device_group));
  }
  json::Value out = to_json(row);
  out.set("allowed", std::move(allowed));
  return out;
}

/// With its document too.
Result<json::Value> whole(ports::Transaction& tx, const ReferenceSetRow& row) {
  json::Value out = TRY(shown(tx, row));
  out.set("document", TRY(json::parse(as_bytes(row.document), kDocumentLimits)));
  return out;
}

Result<Response> get_reference_values(const Call& call) {
  const std::string component = call.query("component");
  const auto source = TRY(call.query_word("source", kSources));
  return in_read(call, [&](ports::Transaction& tx) {
    ports::Scan scan{.prefix = ports::record_of(call.parameter("catalog"))};
    if (!component.empty()) {
      scan.index = ports::kReferencesByComponent;
      scan.prefix = ports::record_of(call.parameter("catalog"), component);
    }
    return list_page<ReferenceSetRow>(
        call, tx, scan, [&](const ReferenceSetRow& row) { return !source || row.source == kSources[*source]; },
        [&](const ReferenceSetRow& row) { return shown(tx, row); }, kSetsPageMax);
  });
}

Result<Response> get_reference_set(const Call& call) {
  const auto id = TRY(array_from_hex<32>(call.parameter("id")));
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row = TRY(require_row<ReferenceSetRow>(tx, "reference set", call.parameter("catalog"), id));
    return object_response(call, TRY(whole(tx, row)));
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

/// Against the set as GET of it alone shows it.
Result<void> require_match(ports::Transaction& tx, const Call& call, const Digest256& id) {
  const auto row = TRY(Table<ReferenceSetRow>(tx).find(call.parameter("catalog"), id));
  std::optional<json::Value> object;
  if (row) object = TRY(whole(tx, *row));
  return call.preconditions.require(object);
}

Result<Response> put_allowed(const Call& call) {
  const auto id = TRY(array_from_hex<32>(call.parameter("id")));
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(require_match(tx, call, id));
    auto waits =
        TRY(submit(call, tx, approval::reference_values_change(id, call.query("product"), call.query("device_group"))));
    if (waits) return *std::move(waits);
    return json_response(200, json::Object{{"id", to_hex(id)}, {"allowed", true}});
  });
}

Result<Response> delete_allowed(const Call& call) {
  const auto id = TRY(array_from_hex<32>(call.parameter("id")));
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(require_match(tx, call, id));
    TRY(appraise::disallow_reference_set(tx, call.parameter("catalog"), id, call.query("product"),
                                         call.query("device_group"), call.caller, call.now));
    return json_response(200, json::Object{{"id", to_hex(id)}, {"allowed", false}});
  });
}

Result<Response> get_baseline(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto proposal =
        TRY(appraise::propose_baseline(tx, call.deps, call.parameter("catalog"), call.parameter("device")));
    json::Array unknown;
    for (const std::string& words : proposal.unknown_events) unknown.emplace_back(words);
    return object_response(
        call, json::Object{{"set", trust::appraisal::to_json(proposal.set)}, {"unknown_events", std::move(unknown)}});
  });
}

Result<Response> post_baseline(const Call& call) {
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    const std::string& device = call.parameter("device");
    const auto row = TRY(Table<ports::DeviceRow>(tx).find(catalog, device));
    TRY(call.preconditions.require(row ? std::optional(shown_device(*row)) : std::nullopt));
    const auto set = TRY(appraise::propose_baseline(tx, call.deps, catalog, device)).set;
    auto waits = TRY(submit(call, tx, TRY(approval::baseline_change(tx, call.deps, catalog, device))));
    if (waits) return *std::move(waits);
    return json_response(201, to_json(TRY(appraise::find_reference_set(tx, catalog, appraise::reference_set_id(set)))));
  });
}

}  // namespace

const std::vector<Route>& reference_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/reference-values", kBy, Scope::Read, get_reference_values,
       "after limit component source"},
      {kPort, "POST", "/v1/catalogs/{catalog}/reference-values", kBy, Scope::Operate, post_reference_values},
      {kPort, "GET", "/v1/catalogs/{catalog}/reference-values/{id}", kBy, Scope::Read, get_reference_set},
      {kPort, "PUT", "/v1/catalogs/{catalog}/reference-values/{id}/allowed", kBy, Scope::Operate, put_allowed,
       "product device_group"},
      {kPort, "DELETE", "/v1/catalogs/{catalog}/reference-values/{id}/allowed", kBy, Scope::Operate, delete_allowed,
       "product device_group"},
      {kPort, "GET", "/v1/catalogs/{catalog}/devices/{device}/baseline", kBy, Scope::Read, get_baseline},
      {kPort, "POST", "/v1/catalogs/{catalog}/devices/{device}/baseline", kBy, Scope::Operate, post_baseline},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway

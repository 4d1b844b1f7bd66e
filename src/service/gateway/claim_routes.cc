#include "base/encoding.h"
#include "service/audit/audit.h"
#include "service/claim/tickets.h"
#include "service/gateway/waiting.h"

namespace holdfast::service::gateway {
namespace {

using ports::ClaimTicketRow;
using ports::ExpectedKeyRow;
using ports::Table;

json::Value to_json(const ClaimTicketRow& row) {
  return json::Object{{"ticket", row.ticket},
                      {"product", row.product},
                      {"device_group", row.device_group},
                      {"device", row.device ? json::Value(*row.device) : json::Value()},
                      {"created_by", row.created_by},
                      {"created_at", to_rfc3339(row.created_at)},
                      {"expires_at", to_rfc3339(row.expires_at)},
                      {"consumed_at", time_or_null(row.consumed_at)},
                      {"consumed_by", row.consumed_by ? json::Value(*row.consumed_by) : json::Value()}};
}

json::Value to_json(const ExpectedKeyRow& row) {
  return json::Object{{"ek_sha256", to_hex(row.ek_sha256)},
                      {"product", row.product},
                      {"device_group", row.device_group},
                      {"label", row.label},
                      {"added_at", to_rfc3339(row.added_at)}};
}

Result<Response> get_claims(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    json::Array items;
    const ports::Scan scan{.prefix = ports::record_of(call.parameter("catalog")),
                           .limit = static_cast<std::size_t>(kPageMax)};
    for (const auto& row : TRY(Table<ClaimTicketRow>(tx).scan(scan))) items.push_back(to_json(row));
    return list_response(std::move(items));
  });
}

/// Answers with the ticket itself, the only time that its secret is seen.
Result<Response> post_claims(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "claim"));
  claim::TicketOrder order;
  order.catalog = call.parameter("catalog");
  order.product = TRY(fields.text("product", kTextBytesMax));
  order.device_group = TRY(fields.text("device_group", kTextBytesMax));
  if (fields.has("device")) order.device = TRY(fields.text("device", kTextBytesMax));
  if (fields.has("life")) order.life = TRY(parse_duration(TRY(fields.text("life", 20))));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto ticket = TRY(claim::create_ticket(tx, call.deps, order, call.caller, call.now));
    return Response{.status = 201, .body = ticket.encode()};
  });
}

Result<Response> delete_claim(const Call& call) {
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    auto row = TRY(require_row<ClaimTicketRow>(tx, "claim ticket", catalog, call.parameter("ticket")));
    if (!row.consumed_at && row.expires_at > call.now) {
      row.expires_at = call.now;
      TRY(Table<ClaimTicketRow>(tx).update(row));
      TRY(audit::append(tx, {catalog, actor_of(call.caller), "claim.withdrawn", row.ticket, {}}, call.now));
    }
    return json_response(200, to_json(row));
  });
}

Result<Response> get_factory_list(const Call& call) {
  const auto limit = static_cast<std::size_t>(TRY(call.query_integer("limit", kPageDefault, 1, kPageMax)));
  const std::string after = call.query("after");
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    ports::Scan scan{.prefix = ports::record_of(catalog), .limit = limit};
    if (!after.empty()) scan.after = ports::record_of(catalog, TRY(array_from_hex<32>(after)));
    json::Array items;
    const auto rows = TRY(Table<ExpectedKeyRow>(tx).scan(scan));
    for (const auto& row : rows) items.push_back(to_json(row));
    const bool more = rows.size() == limit;
    return list_response(std::move(items), more ? std::optional(to_hex(rows.back().ek_sha256)) : std::nullopt);
  });
}

Result<Response> post_factory_list(const Call& call) {
  if (call.request.body.size() > claim::kListBytesMax) {
    return fail(Next::Rejected, claim::kListMalformed, "expected a list of at most 1 MiB, saw more; send it in parts");
  }
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string_view csv = as_text(call.request.body);
    auto waits = TRY(submit(call, tx, approval::factory_list_change(csv)));
    if (waits) return *std::move(waits);
    const auto keys = TRY(claim::read_factory_list(tx, call.parameter("catalog"), csv, call.now));
    return json_response(200, json::Object{{"keys", static_cast<std::int64_t>(keys.size())}});
  });
}

Result<Response> delete_expected_key(const Call& call) {
  const auto digest = TRY(array_from_hex<32>(call.parameter("ek")));
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const std::string& catalog = call.parameter("catalog");
    const auto row = TRY(require_row<ExpectedKeyRow>(tx, "key on the list", catalog, digest));
    TRY(Table<ExpectedKeyRow>(tx).erase(catalog, digest));
    TRY(audit::append(tx, {catalog, actor_of(call.caller), "factory-list.removed", to_hex(digest), {}}, call.now));
    return json_response(200, to_json(row));
  });
}

}  // namespace

const std::vector<Route>& claim_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/claims", kBy, Scope::Read, get_claims},
      {kPort, "POST", "/v1/catalogs/{catalog}/claims", kBy, Scope::Operate, post_claims},
      {kPort, "DELETE", "/v1/catalogs/{catalog}/claims/{ticket}", kBy, Scope::Operate, delete_claim},
      {kPort, "GET", "/v1/catalogs/{catalog}/factory-list", kBy, Scope::Read, get_factory_list},
      {kPort, "POST", "/v1/catalogs/{catalog}/factory-list", kBy, Scope::Operate, post_factory_list},
      {kPort, "DELETE", "/v1/catalogs/{catalog}/factory-list/{ek}", kBy, Scope::Operate, delete_expected_key},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway

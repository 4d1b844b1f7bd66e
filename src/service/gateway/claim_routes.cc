#include "base/encoding.h"
#include "service/audit/audit.h"
#include "service/claim/tickets.h"
#include "service/gateway/page.h"
#include "service/gateway/waiting.h"

namespace holdfast::service::gateway {
namespace {

using ports::ClaimTicketRow;
using ports::ExpectedKeyRow;
using ports::Table;

constexpr std::string_view kStates[] = {"open", "used", "expired"};

/// A ticket that was withdrawn expired then.
std::string_view state_of(const ClaimTicketRow& row, WallTime now) {
  if (row.consumed_at) return kStates[1];
  return now < row.expires_at ? kStates[0] : kStates[2];
}

json::Value to_json(const ClaimTicketRow& row, WallTime now) {
  return json::Object{{"ticket", row.ticket},
                      {"state", state_of(row, now)},
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
  const auto state = TRY(call.query_word("state", kStates));
  const std::string product = call.query("product");
  const std::string device_group = call.query("device_group");
  const std::string device = call.query("device");
  const auto fits = [&](const ClaimTicketRow& row) {
    return (!state || kStates[*state] == state_of(row, call.now)) && (product.empty() || row.product == product) &&
           (device_group.empty() || row.device_group == device_group) &&
           (device.empty() || row.device == device || row.consumed_by == device);
  };
  return in_read(call, [&](ports::Transaction& tx) {
    return list_page<ClaimTicketRow>(call, tx, {.prefix = ports::record_of(call.parameter("catalog"))}, fits,
                                     [&](const ClaimTicketRow& row) { return to_json(row, call.now); });
  });
}

Result<Response> get_claim(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row =
        TRY(require_row<ClaimTicketRow>(tx, "claim ticket", call.parameter("catalog"), call.parameter("ticket")));
    return object_response(call, to_json(row, call.now));
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
    TRY(call.preconditions.require(to_json(row, call.now)));
    if (!row.consumed_at && row.expires_at > call.now) {
      row.expires_at = call.now;
      TRY(Table<ClaimTicketRow>(tx).update(row));
      TRY(audit::append(tx, {catalog, actor_of(call.caller), "claim.withdrawn", row.ticket, {}}, call.now));
    }
    return json_response(200, to_json(row, call.now));
  });
}

Result<Response> get_factory_list(const Call& call) {
  const std::string product = call.query("product");
  const std::string device_group = call.query("device_group");
  const std::string label = call.query("label");
  const auto fits = [&](const ExpectedKeyRow& row) {
    return (product.empty() || row.product == product) && (device_group.empty() || row.device_group == device_group) &&
           (label.empty() || row.label == label);
  };
  return in_read(call, [&](ports::Transaction& tx) {
    return list_page<ExpectedKeyRow>(call, tx, {.prefix = ports::record_of(call.parameter("catalog"))}, fits,
                                     [](const ExpectedKeyRow& row) { return to_json(row); });
  });
}

Result<Response> get_expected_key(const Call& call) {
  const auto digest = TRY(array_from_hex<32>(call.parameter("ek")));
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row = TRY(require_row<ExpectedKeyRow>(tx, "key on the list", call.parameter("catalog"), digest));
    return object_response(call, to_json(row));
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
    TRY(call.preconditions.require(to_json(row)));
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
      {kPort, "GET", "/v1/catalogs/{catalog}/claims", kBy, Scope::Read, get_claims,
       "after limit state product device_group device"},
      {kPort, "GET", "/v1/catalogs/{catalog}/claims/{ticket}", kBy, Scope::Read, get_claim},
      {kPort, "POST", "/v1/catalogs/{catalog}/claims", kBy, Scope::Operate, post_claims},
      {kPort, "DELETE", "/v1/catalogs/{catalog}/claims/{ticket}", kBy, Scope::Operate, delete_claim},
      {kPort, "GET", "/v1/catalogs/{catalog}/factory-list", kBy, Scope::Read, get_factory_list,
       "after limit product device_group label"},
      {kPort, "GET", "/v1/catalogs/{catalog}/factory-list/{ek}", kBy, Scope::Read, get_expected_key},
      {kPort, "POST", "/v1/catalogs/{catalog}/factory-list", kBy, Scope::Operate, post_factory_list},
      {kPort, "DELETE", "/v1/catalogs/{catalog}/factory-list/{ek}", kBy, Scope::Operate, delete_expected_key},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway

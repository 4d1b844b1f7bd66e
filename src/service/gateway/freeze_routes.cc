#include "base/text.h"
#include "service/gateway/page.h"
#include "service/rollout/deployments.h"
#include "service/rollout/freezes.h"

namespace holdfast::service::gateway {
namespace {

using ports::FreezeRow;
using ports::Table;

json::Value to_json(const FreezeRow& row) {
  return json::Object{{"number", row.number},
                      {"product", row.product},
                      {"device_group", row.device_group},
                      {"from", to_rfc3339(row.from)},
                      {"until", to_rfc3339(row.until)},
                      {"reason", row.reason},
                      {"created_by", row.created_by},
                      {"created_at", to_rfc3339(row.created_at)}};
}

/// Left out: all of them. Empty would be the same to no reader.
Result<std::string> name_in(json::Fields& fields, std::string_view member) {
  if (!fields.has(member)) return std::string();
  std::string out = TRY(fields.text(member, kTextBytesMax));
  if (!out.empty()) return out;
  return fail(Next::Rejected, kInputMalformed, cat("expected a name as ", member, ", or to be left out, saw none"));
}

Result<Response> get_freezes(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) {
    return list_page<FreezeRow>(
        call, tx, {.prefix = ports::record_of(call.parameter("catalog")), .descending = true},
        [](const FreezeRow&) { return true; }, [](const FreezeRow& row) { return to_json(row); });
  });
}

Result<Response> get_freeze(const Call& call) {
  const std::int64_t number = TRY(call.number());
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    return object_response(call, to_json(TRY(require_row<FreezeRow>(tx, "freeze", call.parameter("catalog"), number))));
  });
}

Result<Response> post_freezes(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "freeze"));
  rollout::FreezeOrder order;
  order.catalog = call.parameter("catalog");
  order.product = TRY(name_in(fields, "product"));
  order.device_group = TRY(name_in(fields, "device_group"));
  order.from = fields.has("from") ? TRY(fields.time("from")) : call.now;
  order.until = TRY(fields.time("until"));
  if (fields.has("reason")) order.reason = TRY(fields.text("reason", rollout::kReasonBytesMax));
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    return json_response(201, to_json(TRY(rollout::freeze(tx, order, call.caller, call.now))));
  });
}

Result<Response> post_end(const Call& call) {
  const std::int64_t number = TRY(call.number());
  const json::Value body = TRY(body_of(call));
  TRY(TRY(json::Fields::of(body, "end of a freeze")).done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto there = TRY(Table<FreezeRow>(tx).find(call.parameter("catalog"), number));
    TRY(call.preconditions.require(there ? std::optional(to_json(*there)) : std::nullopt));
    return json_response(200,
                         to_json(TRY(rollout::thaw(tx, call.parameter("catalog"), number, call.caller, call.now))));
  });
}

}  // namespace

const std::vector<Route>& freeze_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/freezes", kBy, Scope::Read, get_freezes, "after limit"},
      {kPort, "POST", "/v1/catalogs/{catalog}/freezes", kBy, Scope::Operate, post_freezes},
      {kPort, "GET", "/v1/catalogs/{catalog}/freezes/{number}", kBy, Scope::Read, get_freeze},
      {kPort, "POST", "/v1/catalogs/{catalog}/freezes/{number}/end", kBy, Scope::Operate, post_end},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway

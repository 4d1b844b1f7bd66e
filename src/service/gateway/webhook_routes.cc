#include "base/text.h"
#include "service/audit/audit.h"
#include "service/catalog/catalogs.h"
#include "service/gateway/page.h"
#include "service/webhook/addresses.h"
#include "service/webhook/webhooks.h"

namespace holdfast::service::gateway {
namespace {

using ports::WebhookRow;

constexpr std::size_t kCaBytesMax = 16 * 1024;
constexpr std::size_t kEventsMax = 8;

json::Value to_json(const WebhookRow& row) {
  json::Array events;
  for (std::string& name : webhook::event_names(row)) events.emplace_back(std::move(name));
  const auto url = webhook::parse_url(row.url);
  return json::Object{{"name", row.name},
                      {"url", url ? url->without_query() : ""},
                      {"trusts", row.ca ? "ca" : "public"},
                      {"events", std::move(events)},
                      {"created_by", row.created_by},
                      {"created_at", to_rfc3339(row.created_at)},
                      {"queued", webhook::queued(row)},
                      {"dropped", row.dropped},
                      {"failures", row.failures},
                      {"tried_at", time_or_null(row.tried_at)},
                      {"last_status", row.last_status ? json::Value(*row.last_status) : json::Value()},
                      {"last_problem", row.last_problem.empty() ? json::Value() : json::Value(row.last_problem)},
                      {"due_at", row.due_at == ports::kNeverDue ? json::Value() : json::Value(to_rfc3339(row.due_at))}};
}

Result<WebhookRow> webhook_of(const Call& call, ports::Transaction& tx) {
  return require_row<WebhookRow>(tx, "webhook", call.parameter("catalog"), call.parameter("webhook"));
}

Result<Response> get_webhooks(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    return list_page<WebhookRow>(call, tx, {.prefix = ports::record_of(call.parameter("catalog"))}, kEveryRow,
                                 [](const WebhookRow& row) { return to_json(row); });
  });
}

Result<Response> get_webhook(const Call& call) {
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    return object_response(call, to_json(TRY(webhook_of(call, tx))));
  });
}

/// Whom to believe is said each time: `ca`, or `"public_ca": true`.
Result<webhook::NewWebhook> order_of(const Call& call) {
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "webhook"));
  webhook::NewWebhook order;
  order.catalog = call.parameter("catalog");
  order.name = TRY(fields.text("name", kTextBytesMax));
  order.url = TRY(fields.text("url", webhook::kUrlBytesMax));
  order.events = TRY(fields.texts("events", kEventsMax, kTextBytesMax));
  if (fields.has("ca")) order.ca = TRY(fields.base64("ca", kCaBytesMax));
  const bool is_public = fields.has("public_ca") && TRY(fields.boolean("public_ca"));
  TRY(fields.done());
  if (is_public != order.ca.has_value()) return order;
  return fail(Next::Rejected, kInputMalformed, "expected either ca or public_ca of a webhook, saw both or neither");
}

/// Who points a webhook at an address that is not for it leaves a trace though nothing was made.
Result<void> audit_refusal(const Call& call, const webhook::NewWebhook& order) {
  return call.deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    return audit::append(tx, {order.catalog, actor_of(call.caller), "webhook.refused", printable(order.name, 60), {}},
                         call.now);
  });
}

/// Answers with the secret, the only time that it is seen.
Result<Response> post_webhooks(const Call& call) {
  const auto order = TRY(order_of(call));
  auto made = in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(catalog::find_catalog(tx, order.catalog));
    const auto created = TRY(webhook::create_webhook(tx, call.deps, order, call.caller, call.now));
    json::Value out = to_json(created.row);
    out.set("secret", created.secret);
    return json_response(201, out);
  });
  if (!made && made.error().reason == webhook::kWebhookAddressRefused) TRY(audit_refusal(call, order));
  return made;
}

Result<Response> delete_webhook(const Call& call) {
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row = TRY(webhook_of(call, tx));
    TRY(call.preconditions.require(to_json(row)));
    TRY(webhook::delete_webhook(tx, row, call.caller, call.now));
    return json_response(200, to_json(row));
  });
}

Result<Response> post_test(const Call& call) {
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    const auto row = TRY(webhook_of(call, tx));
    TRY(call.preconditions.require(to_json(row)));
    return json_response(202, to_json(TRY(webhook::test_webhook(tx, row, call.caller, call.now))));
  });
}

}  // namespace

const std::vector<Route>& webhook_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/webhooks", kBy, Scope::Read, get_webhooks, "after limit"},
      {kPort, "POST", "/v1/catalogs/{catalog}/webhooks", kBy, Scope::Own, post_webhooks},
      {kPort, "GET", "/v1/catalogs/{catalog}/webhooks/{webhook}", kBy, Scope::Read, get_webhook},
      {kPort, "DELETE", "/v1/catalogs/{catalog}/webhooks/{webhook}", kBy, Scope::Own, delete_webhook},
      {kPort, "POST", "/v1/catalogs/{catalog}/webhooks/{webhook}/test", kBy, Scope::Own, post_test},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway

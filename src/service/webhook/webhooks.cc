#include "service/webhook/webhooks.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "service/audit/audit.h"
#include "service/webhook/addresses.h"
#include "service/webhook/signature.h"
#include "trust/x509/certificate.h"
#include "trust/x509/profile.h"

namespace holdfast::service::webhook {
namespace {

using ports::Table;
using ports::WebhookEventRow;
using ports::WebhookRow;

std::string seal_place(const WebhookRow& hook) {
  return cat("holdfast-webhook-v1/", hook.catalog, "/", hook.name, "/", to_hex(hook.id));
}

Result<void> require_ca(Bytes der) {
  const auto certificate = TRY(input(trust::x509::parse_certificate(der)));
  if (certificate.is_ca() && certificate.is_self_issued()) return {};
  return fail(Next::Rejected, kWebhookCaUnfit,
              cat("expected a self-signed CA, saw ", certificate.subject_text(), " by ", certificate.issuer_text()));
}

Result<std::int64_t> bits_of(const std::vector<std::string>& names) {
  std::int64_t bits = 0;
  for (const std::string& name : names) {
    const auto type = std::ranges::find(kEventTypes, name, &name_of);
    if (type == std::end(kEventTypes)) {
      return fail(Next::Rejected, kWebhookEventUnknown,
                  cat("expected certificate-ended or device-held, saw '", printable(name, 60), "'"));
    }
    bits |= static_cast<std::int64_t>(*type);
  }
  if (bits == 0)
    return fail(Next::Rejected, kWebhookEventUnknown, "expected certificate-ended or device-held, saw none");
  return bits;
}

Result<void> require_order(const NewWebhook& order, const Deps& deps) {
  if (!trust::x509::is_catalog_name(order.name)) {
    return fail(Next::Rejected, kNameMalformed,
                cat("expected a webhook's name of 3 to 48 of a-z, 0-9 and inner hyphens, saw '",
                    printable(order.name, 80), "'"));
  }
  const WebhookUrl url = TRY(parse_url(order.url));
  if (url.address) TRY(require_allowed({*url.address}, deps.settings.webhook_allow));
  if (order.ca) TRY(require_ca(*order.ca));
  return {};
}

Result<void> require_room(ports::Transaction& tx, const NewWebhook& order) {
  const ports::Scan scan{.prefix = ports::record_of(order.catalog), .limit = kWebhooksPerCatalogMax};
  const auto rows = TRY(Table<WebhookRow>(tx).scan(scan));
  if (std::ranges::find(rows, order.name, &WebhookRow::name) != rows.end()) {
    return fail(Next::Conflict, kAlreadyThere, cat("there is a webhook '", order.name, "' already"));
  }
  if (rows.size() < kWebhooksPerCatalogMax) return {};
  return fail(Next::Exhausted, kTooManyWebhooks,
              cat("expected at most ", kWebhooksPerCatalogMax, " webhooks in a catalog, saw as many"));
}

}  // namespace

Result<MadeWebhook> create_webhook(ports::Transaction& tx, Deps& deps, const NewWebhook& order, const Caller& by,
                                   WallTime now) {
  TRY(require_order(order, deps));
  MadeWebhook out;
  out.row.events = TRY(bits_of(order.events));
  TRY(require_room(tx, order));
  out.row.catalog = order.catalog;
  out.row.name = order.name;
  out.row.id = ports::random_array<16>(deps.random);
  out.row.url = order.url;
  out.row.ca = order.ca;
  out.row.created_by = actor_of(by);
  out.row.created_at = now;
  const Secret secret = ports::random_secret(deps.random, kSecretBytes);
  out.row.sealed_secret = deps.keyring.seal(seal_place(out.row), secret);
  out.secret = text_of(secret);
  TRY(Table<WebhookRow>(tx).insert(out.row));
  TRY(audit::append(tx,
                    {order.catalog, out.row.created_by, "webhook.created", order.name,
                     json::Object{{"origin", TRY(parse_url(order.url)).origin()},
                                  {"public_ca", !order.ca},
                                  {"events", join(event_names(out.row), " ")}}},
                    now));
  return out;
}

Result<void> delete_webhook(ports::Transaction& tx, const WebhookRow& hook, const Caller& by, WallTime now) {
  Table<WebhookEventRow> events(tx);
  const ports::Scan scan{.prefix = ports::record_of(hook.catalog, hook.name), .limit = ports::kScanRowsMax};
  for (const WebhookEventRow& row : TRY(events.scan(scan))) TRY(events.erase(row.catalog, row.webhook, row.sequence));
  TRY(Table<WebhookRow>(tx).erase(hook.catalog, hook.name));
  return audit::append(
      tx, {hook.catalog, actor_of(by), "webhook.deleted", hook.name, json::Object{{"undelivered", queued(hook)}}}, now);
}

Result<WebhookRow> test_webhook(ports::Transaction& tx, WebhookRow hook, const Caller& by, WallTime now) {
  // A test never pushes out what somebody has to be told.
  if (queued(hook) >= kEventsQueuedMax) {
    return fail(Next::Exhausted, kWebhookQueueFull, "expected room for a test event, saw a full queue");
  }
  TRY(enqueue(tx, hook, {EventType::Test, hook.catalog, "", {}, "an operator tests this webhook"}, now));
  hook.due_at = now;
  TRY(Table<WebhookRow>(tx).update(hook));
  TRY(audit::append(tx, {hook.catalog, actor_of(by), "webhook.tested", hook.name, {}}, now));
  return hook;
}

Result<Secret> open_secret(Deps& deps, const WebhookRow& hook) {
  return deps.keyring.unseal(seal_place(hook), hook.sealed_secret);
}

std::vector<std::string> event_names(const WebhookRow& hook) {
  std::vector<std::string> out;
  for (const EventType type : kEventTypes) {
    if ((hook.events & static_cast<std::int64_t>(type)) != 0) out.emplace_back(name_of(type));
  }
  return out;
}

}  // namespace holdfast::service::webhook

#include "service/webhook/outbox.h"

#include <algorithm>
#include <span>

#include "base/encoding.h"
#include "base/json/value.h"
#include "base/text.h"
#include "service/audit/audit.h"

namespace holdfast::service::webhook {
namespace {

using ports::Table;
using ports::WebhookEventRow;
using ports::WebhookRow;

constexpr int kPayloadVersion = 1;
constexpr std::size_t kAgedDroppedAtOnce = 1000;

std::string payload_of(const WebhookRow& hook, const Event& event, std::span<const ByteArray<16>> serials,
                       WallTime now) {
  json::Array endings;
  for (const auto& serial : serials) endings.emplace_back(to_hex(serial));
  return json::dump(json::Object{{"version", kPayloadVersion},
                                 {"id", event_id(hook, hook.next_sequence)},
                                 {"sequence", hook.next_sequence},
                                 {"type", name_of(event.type)},
                                 {"catalog", event.catalog},
                                 {"device", event.device},
                                 {"serials", std::move(endings)},
                                 {"at", to_rfc3339(now)},
                                 {"reason", event.reason}});
}

/// Erases the oldest rows that wait, which are `rows`.
Result<void> give_up(ports::Transaction& tx, WebhookRow& hook, std::span<const WebhookEventRow> rows,
                     std::string_view why, WallTime now) {
  Table<WebhookEventRow> events(tx);
  for (const WebhookEventRow& row : rows) TRY(events.erase(row.catalog, row.webhook, row.sequence));
  const auto count = static_cast<std::int64_t>(rows.size());
  hook.first_sequence = rows.back().sequence + 1;
  hook.dropped += count;
  return audit::append(tx,
                       {hook.catalog, "service", "webhook.events-dropped", hook.name,
                        json::Object{{"events", count}, {"up_to", rows.back().sequence}, {"why", why}}},
                       now);
}

Result<void> put(ports::Transaction& tx, WebhookRow& hook, const Event& event, std::span<const ByteArray<16>> serials,
                 WallTime now) {
  Table<WebhookEventRow> events(tx);
  if (queued(hook) >= kEventsQueuedMax) {
    const auto oldest = TRY(events.scan({.prefix = ports::record_of(hook.catalog, hook.name), .limit = 1}));
    if (!oldest.empty()) TRY(give_up(tx, hook, oldest, "too many wait", now));
  }
  if (queued(hook) == 0) hook.due_at = now;
  TRY(events.insert({hook.catalog, hook.name, hook.next_sequence, now, payload_of(hook, event, serials, now)}));
  ++hook.next_sequence;
  return {};
}

}  // namespace

std::string_view name_of(EventType type) {
  switch (type) {
    case EventType::Test: return "test";
    case EventType::CertificateEnded: return "certificate-ended";
    case EventType::DeviceHeld: return "device-held";
  }
  return "unknown";
}

std::string event_id(const WebhookRow& hook, std::int64_t sequence) { return cat(to_hex(hook.id), "-", sequence); }

Result<void> enqueue(ports::Transaction& tx, WebhookRow& hook, const Event& event, WallTime now) {
  std::span<const ByteArray<16>> rest = event.serials;
  do {
    const auto part = rest.first(std::min(rest.size(), kSerialsPerEventMax));
    TRY(put(tx, hook, event, part, now));
    rest = rest.subspan(part.size());
  } while (!rest.empty());
  return Table<WebhookRow>(tx).update(hook);
}

Result<void> publish(ports::Transaction& tx, const Event& event, WallTime now) {
  const ports::Scan scan{.prefix = ports::record_of(event.catalog), .limit = kWebhooksPerCatalogMax};
  for (WebhookRow& hook : TRY(Table<WebhookRow>(tx).scan(scan))) {
    if ((hook.events & static_cast<std::int64_t>(event.type)) != 0) TRY(enqueue(tx, hook, event, now));
  }
  return {};
}

Result<void> drop_aged(ports::Transaction& tx, WebhookRow& hook, WallTime now) {
  const auto rows = TRY(Table<WebhookEventRow>(tx).scan(
      {.prefix = ports::record_of(hook.catalog, hook.name), .limit = kAgedDroppedAtOnce}));
  const auto young = std::ranges::find_if(rows, [&](const auto& row) { return now - row.at <= kEventAgeMax; });
  const std::span aged(rows.begin(), young);
  return aged.empty() ? Result<void>() : give_up(tx, hook, aged, "undelivered for three days", now);
}

}  // namespace holdfast::service::webhook

// Events on their way out. An event is written in the transaction of what it tells, so that neither exists without the
// other; it waits, in order, for each webhook that asked for its type, until it was delivered or given up. Nothing here
// grows without bound: the oldest go first, with an audit entry.
#pragma once

#include "ports/store/rows/webhook.h"
#include "service/deps.h"

namespace holdfast::service::webhook {

inline constexpr std::size_t kWebhooksPerCatalogMax = 8;
inline constexpr std::int64_t kEventsQueuedMax = 10'000;  ///< per webhook; at most ports::kScanRowsMax
inline constexpr std::size_t kSerialsPerEventMax = 100;   ///< more of them make more events
inline constexpr Duration kEventAgeMax = days(3);

/// Bits of WebhookRow::events. A Test is for the webhook that is tested and asked for by nobody else.
enum class EventType : std::int64_t { Test = 0, CertificateEnded = 1, DeviceHeld = 2 };
inline constexpr EventType kEventTypes[] = {EventType::CertificateEnded, EventType::DeviceHeld};
std::string_view name_of(EventType type);

struct Event {
  EventType type = EventType::Test;
  std::string catalog;
  std::string device;
  std::vector<ByteArray<16>> serials;  ///< of the certificates that ended
  std::string reason;
};

/// For every webhook of the catalog that asked for it.
Result<void> publish(ports::Transaction& tx, const Event& event, WallTime now);

/// For this webhook alone, whose row is updated.
Result<void> enqueue(ports::Transaction& tx, ports::WebhookRow& hook, const Event& event, WallTime now);

/// Gives up what has waited for longer than kEventAgeMax; updates the row in memory alone.
Result<void> drop_aged(ports::Transaction& tx, ports::WebhookRow& hook, WallTime now);

inline std::int64_t queued(const ports::WebhookRow& hook) { return hook.next_sequence - hook.first_sequence; }

/// `<webhook's id in hex>-<sequence>`: the same at each attempt, never given twice.
std::string event_id(const ports::WebhookRow& hook, std::int64_t sequence);

}  // namespace holdfast::service::webhook

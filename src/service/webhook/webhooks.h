// A catalog's webhooks: who may be told, where, under which CA, of what. The secret that signs is made here, shown
// once, and sealed in the store by the service key.
#pragma once

#include "service/request.h"
#include "service/webhook/outbox.h"
#include "service/webhook/url.h"

namespace holdfast::service::webhook {

inline constexpr Reason kWebhookCaUnfit{"webhook-ca-unfit"};
inline constexpr Reason kWebhookEventUnknown{"webhook-event-unknown"};
inline constexpr Reason kTooManyWebhooks{"too-many-webhooks"};
inline constexpr Reason kWebhookQueueFull{"webhook-queue-full"};

struct NewWebhook {
  std::string catalog;
  std::string name;
  std::string url;
  std::optional<Blob> ca;           ///< DER, self-signed; none: the public CAs
  std::vector<std::string> events;  ///< at least one
};

/// The sealed row's secret is for the caller's eyes, once.
struct MadeWebhook {
  ports::WebhookRow row;
  std::string secret;
};
/// A host that is an address is judged here as at each delivery; a name is judged there alone.
Result<MadeWebhook> create_webhook(ports::Transaction& tx, Deps& deps, const NewWebhook& order, const Caller& by,
                                   WallTime now);

/// With everything that still waits for it.
Result<void> delete_webhook(ports::Transaction& tx, const ports::WebhookRow& hook, const Caller& by, WallTime now);

/// Queues a test event behind whatever waits, and has the first of them sent at once.
Result<ports::WebhookRow> test_webhook(ports::Transaction& tx, ports::WebhookRow hook, const Caller& by, WallTime now);

/// Corrupt where another service key sealed it.
Result<Secret> open_secret(Deps& deps, const ports::WebhookRow& hook);

std::vector<std::string> event_names(const ports::WebhookRow& hook);

}  // namespace holdfast::service::webhook

// One event at a time from the outbox to its receiver: at least once, and in order per webhook. Claiming leases the
// webhook, so that any number of threads and processes may deliver; who stops in between leaves the event to the next
// after the lease. The caller flushes the store after claim(), since nobody is told of what may be lost, and after
// record(), so that a crash repeats little.
#pragma once

#include "ports/callout.h"
#include "service/webhook/outbox.h"

namespace holdfast::service::webhook {

inline constexpr Duration kLease = minutes(1);  ///< longer than an attempt takes
inline constexpr Duration kBackoffFirst = seconds(5);
inline constexpr Duration kBackoffMax = minutes(15);

struct Delivery {
  ports::WebhookRow hook;
  ports::WebhookEventRow event;
};

/// The oldest event of the webhook that has been due for longest; nothing where none is.
Result<std::optional<Delivery>> claim(Deps& deps, WallTime now);

/// What became of an attempt. What the receiver said beyond its status is not looked at.
struct Outcome {
  std::optional<int> status;
  std::string_view problem;  ///< a reason's word, where there was no answer
  bool is_delivered() const { return status && *status >= 200 && *status < 300; }
};

/// Looks the host up once, judges the addresses, and sends the event to one of those that are allowed.
Outcome attempt(Deps& deps, ports::Callout& callout, const Delivery& delivery, WallTime now);

/// A delivered event is gone; any other is tried again, each time later, until it is too old.
Result<void> record(Deps& deps, const Delivery& delivery, const Outcome& outcome, WallTime now);

}  // namespace holdfast::service::webhook

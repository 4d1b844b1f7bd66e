#include "service/webhook/delivery.h"

#include <algorithm>

#include "base/text.h"
#include "service/audit/audit.h"
#include "service/webhook/addresses.h"
#include "service/webhook/signature.h"
#include "service/webhook/webhooks.h"

namespace holdfast::service::webhook {
namespace {

using ports::Table;
using ports::WebhookEventRow;
using ports::WebhookRow;

/// More than one, since the first ones may wait while a later one is due all the same (see below).
constexpr std::size_t kLookedAt = 64;

/// A due time beyond any that is ever set was written before the clock went back.
bool is_due(const WebhookRow& hook, WallTime now) {
  if (hook.due_at == ports::kNeverDue) return false;
  return hook.due_at <= now || hook.due_at - now > std::max(kBackoffMax, kLease);
}

Result<std::optional<WebhookRow>> due_for_longest(ports::Transaction& tx, WallTime now) {
  auto rows = TRY(Table<WebhookRow>(tx).scan({.index = ports::kWebhooksByDue, .limit = kLookedAt}));
  const auto due = std::ranges::find_if(rows, [&](const WebhookRow& row) { return is_due(row, now); });
  if (due == rows.end()) return std::optional<WebhookRow>();
  return std::optional(std::move(*due));
}

Result<std::optional<WebhookEventRow>> oldest_event(ports::Transaction& tx, const WebhookRow& hook) {
  auto rows = TRY(Table<WebhookEventRow>(tx).scan({.prefix = ports::record_of(hook.catalog, hook.name), .limit = 1}));
  if (rows.empty()) return std::optional<WebhookEventRow>();
  return std::optional(std::move(rows.front()));
}

/// Doubles with each failure; between half of that and all of it, so that webhooks which failed together do not return
/// together.
Duration backoff(ports::Random& random, std::int64_t failures) {
  const auto doublings = static_cast<int>(std::min<std::int64_t>(failures - 1, 20));
  const Duration longest = std::min<Duration>(kBackoffFirst * (1 << doublings), kBackoffMax);
  const auto chance = ports::random_array<2>(random);
  return longest / 2 + longest * (chance[0] * 256 + chance[1]) / (2 * 65536);
}

Result<int> send(Deps& deps, ports::Callout& callout, const Delivery& delivery, WallTime now) {
  const auto& [hook, event] = delivery;
  const WebhookUrl url = TRY(parse_url(hook.url));
  const Secret secret = TRY(open_secret(deps, hook));
  std::vector<ports::IpAddress> addresses;
  if (url.address) addresses.push_back(*url.address);
  if (!url.address) addresses = TRY(callout.resolve(url.host));
  addresses = TRY(require_allowed(addresses, deps.settings.webhook_allow));
  ports::CalloutRequest request;
  request.address = addresses[static_cast<std::size_t>(hook.failures) % addresses.size()];
  request.port = url.port;
  request.host = url.host;
  request.peer = ports::PeerPublic{};
  if (hook.ca) request.peer = ports::PeerUnder{*hook.ca};
  request.target = url.target;
  const std::string id = event_id(hook, event.sequence);
  request.headers = {{"webhook-id", id},
                     {"webhook-timestamp", cat(now.whole_seconds())},
                     {"webhook-signature", signature(secret, id, now.whole_seconds(), event.payload)}};
  request.body = to_blob(as_bytes(event.payload));
  return callout.post(request);
}

/// An address that is refused is an attempt to reach what is not for this webhook, and told once.
Result<void> audit_refusal(ports::Transaction& tx, const WebhookRow& before, const Outcome& outcome, WallTime now) {
  const std::string_view refused = kWebhookAddressRefused.word();
  if (outcome.problem != refused || before.last_problem == refused) return {};
  return audit::append(tx, {before.catalog, "service", "webhook.refused", before.name, {}}, now);
}

}  // namespace

Result<std::optional<Delivery>> claim(Deps& deps, WallTime now) {
  std::optional<Delivery> out;
  bool is_any_due = false;
  TRY(deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    is_any_due = TRY(due_for_longest(tx, now)).has_value();
    return {};
  }));
  if (!is_any_due) return out;
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    out.reset();
    auto hook = TRY(due_for_longest(tx, now));
    if (!hook) return {};
    TRY(drop_aged(tx, *hook, now));
    auto event = TRY(oldest_event(tx, *hook));
    hook->due_at = event ? now + kLease : ports::kNeverDue;
    TRY(Table<WebhookRow>(tx).update(*hook));
    if (event) out.emplace(*std::move(hook), *std::move(event));
    return {};
  }));
  return out;
}

Outcome attempt(Deps& deps, ports::Callout& callout, const Delivery& delivery, WallTime now) {
  const auto status = send(deps, callout, delivery, now);
  if (status) return {*status, {}};
  return {{}, status.error().reason.word()};
}

Result<void> record(Deps& deps, const Delivery& delivery, const Outcome& outcome, WallTime now) {
  return deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    auto hook = TRY(Table<WebhookRow>(tx).find(delivery.hook.catalog, delivery.hook.name));
    // Deleted, made anew, or the lease ended and another went on.
    if (!hook || hook->id != delivery.hook.id || hook->first_sequence != delivery.event.sequence) return {};
    TRY(audit_refusal(tx, *hook, outcome, now));
    hook->tried_at = now;
    hook->last_status = outcome.status;
    hook->last_problem = outcome.problem;
    if (outcome.is_delivered()) {
      TRY(Table<WebhookEventRow>(tx).erase(hook->catalog, hook->name, delivery.event.sequence));
      ++hook->first_sequence;
      hook->failures = 0;
      hook->due_at = queued(*hook) > 0 ? now : ports::kNeverDue;
    } else {
      ++hook->failures;
      hook->due_at = now + backoff(deps.random, hook->failures);
    }
    return Table<WebhookRow>(tx).update(*hook);
  });
}

}  // namespace holdfast::service::webhook

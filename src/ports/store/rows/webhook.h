// Who is told when a device's certificates end before their time, and what each of them is still to be told.
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

inline constexpr WallTime kNeverDue{INT64_MAX};

/// Events are numbered per webhook, without gaps: those from `first_sequence` to before `next_sequence` wait.
struct WebhookRow {
  std::string catalog;
  std::string name;
  ByteArray<16> id{};  ///< tells it from an earlier one of the same name
  std::string url;
  std::optional<Blob> ca;   ///< DER; none: the public CAs
  std::int64_t events = 0;  ///< bits of service::webhook::EventType
  Blob sealed_secret;
  std::string created_by;
  WallTime created_at;
  std::int64_t first_sequence = 1;
  std::int64_t next_sequence = 1;
  std::int64_t dropped = 0;     ///< that were given up
  WallTime due_at = kNeverDue;  ///< when the first of them is to be sent
  std::int64_t failures = 0;    ///< since the last success
  std::optional<WallTime> tried_at;
  std::optional<std::int64_t> last_status;  ///< of HTTP; none where there was no answer
  std::string last_problem;                 ///< a reason; empty where there was an answer

  static const Schema& schema();
  auto fields() {
    return std::tie(catalog, name, id, url, ca, events, sealed_secret, created_by, created_at, first_sequence,
                    next_sequence, dropped, due_at, failures, tried_at, last_status, last_problem);
  }
  auto fields() const {
    return std::tie(catalog, name, id, url, ca, events, sealed_secret, created_by, created_at, first_sequence,
                    next_sequence, dropped, due_at, failures, tried_at, last_status, last_problem);
  }
};

inline constexpr std::string_view kWebhooksByDue = "webhooks_by_due";  ///< due_at

/// An event that waits for one webhook; gone once it was delivered or given up.
struct WebhookEventRow {
  std::string catalog;
  std::string webhook;
  std::int64_t sequence = 0;
  WallTime at;
  std::string payload;  ///< JSON, as it is sent

  static const Schema& schema();
  auto fields() { return std::tie(catalog, webhook, sequence, at, payload); }
  auto fields() const { return std::tie(catalog, webhook, sequence, at, payload); }
};

extern template class Table<WebhookRow>;
extern template class Table<WebhookEventRow>;

}  // namespace holdfast::ports

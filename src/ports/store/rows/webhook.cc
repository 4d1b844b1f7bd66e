#include "ports/store/rows/webhook.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {

const Schema& WebhookRow::schema() {
  static const Schema kSchema{"webhooks",
                              {{"catalog", FieldKind::Text},
                               {"name", FieldKind::Text},
                               {"id", FieldKind::Blob},
                               {"url", FieldKind::Text},
                               {"ca", FieldKind::Blob, true},
                               {"events", FieldKind::Integer},
                               {"sealed_secret", FieldKind::Blob},
                               {"created_by", FieldKind::Text},
                               {"created_at", FieldKind::Integer},
                               {"first_sequence", FieldKind::Integer},
                               {"next_sequence", FieldKind::Integer},
                               {"dropped", FieldKind::Integer},
                               {"due_at", FieldKind::Integer},
                               {"failures", FieldKind::Integer},
                               {"tried_at", FieldKind::Integer, true},
                               {"last_status", FieldKind::Integer, true},
                               {"last_problem", FieldKind::Text}},
                              2,
                              {{kWebhooksByDue, {12}, false}}};
  return kSchema;
}

const Schema& WebhookEventRow::schema() {
  static const Schema kSchema{"webhook_events",
                              {{"catalog", FieldKind::Text},
                               {"webhook", FieldKind::Text},
                               {"sequence", FieldKind::Integer},
                               {"at", FieldKind::Integer},
                               {"payload", FieldKind::Text}},
                              3,
                              {}};
  return kSchema;
}

template class Table<WebhookRow>;
template class Table<WebhookEventRow>;

}  // namespace holdfast::ports

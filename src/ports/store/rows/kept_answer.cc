#include "ports/store/rows/kept_answer.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {

const Schema& KeptAnswerRow::schema() {
  static const Schema kSchema{"kept_answers",
                              {{"caller", FieldKind::Text},
                               {"key", FieldKind::Text},
                               {"number", FieldKind::Integer},
                               {"request_sha256", FieldKind::Blob},
                               {"status", FieldKind::Integer},
                               {"sealed_body", FieldKind::Blob},
                               {"expires_at", FieldKind::Integer}},
                              2,
                              {{kAnswersByNumber, {0, 2}, true}, {kAnswersByExpiry, {6}, false}}};
  return kSchema;
}

template class Table<KeptAnswerRow>;

}  // namespace holdfast::ports

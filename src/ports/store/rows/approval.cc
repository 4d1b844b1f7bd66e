#include "ports/store/rows/approval.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {

const Schema& ApprovalRow::schema() {
  static const Schema kSchema{"approvals",
                              {{"catalog", FieldKind::Text},
                               {"number", FieldKind::Integer},
                               {"kind", FieldKind::Text},
                               {"subject", FieldKind::Text},
                               {"content", FieldKind::Text},
                               {"content_sha256", FieldKind::Blob},
                               {"lets_in", FieldKind::Text},
                               {"state", FieldKind::Integer},
                               {"proposed_by", FieldKind::Text},
                               {"proposed_at", FieldKind::Integer},
                               {"expires_at", FieldKind::Integer},
                               {"decided_by", FieldKind::Text},
                               {"decided_at", FieldKind::Integer, true}},
                              2,
                              {{kApprovalsByState, {0, 7}, false}}};
  return kSchema;
}

template class Table<ApprovalRow>;

}  // namespace holdfast::ports

#include "ports/store/rows/audit.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {

const Schema& AuditRow::schema() {
  static const Schema kSchema{"audit",
                              {{"catalog", FieldKind::Text},
                               {"sequence", FieldKind::Integer},
                               {"at", FieldKind::Integer},
                               {"actor", FieldKind::Text},
                               {"action", FieldKind::Text},
                               {"subject", FieldKind::Text},
                               {"detail", FieldKind::Text},
                               {"hash", FieldKind::Blob}},
                              2,
                              {}};
  return kSchema;
}

const Schema& AuditHeadRow::schema() {
  static const Schema kSchema{
      "audit_heads",
      {{"catalog", FieldKind::Text}, {"sequence", FieldKind::Integer}, {"hash", FieldKind::Blob}},
      1,
      {}};
  return kSchema;
}

const Schema& ForkReportRow::schema() {
  static const Schema kSchema{"fork_reports",
                              {{"catalog", FieldKind::Text},
                               {"device", FieldKind::Text},
                               {"sequence", FieldKind::Integer},
                               {"hash", FieldKind::Blob},
                               {"at", FieldKind::Integer}},
                              4,
                              {}};
  return kSchema;
}

template class Table<AuditRow>;
template class Table<AuditHeadRow>;
template class Table<ForkReportRow>;

}  // namespace holdfast::ports

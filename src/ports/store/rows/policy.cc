#include "ports/store/rows/policy.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {

const Schema& PolicyRow::schema() {
  static const Schema kSchema{"policies",
                              {{"catalog", FieldKind::Text},
                               {"name", FieldKind::Text},
                               {"version", FieldKind::Integer},
                               {"state", FieldKind::Integer},
                               {"document", FieldKind::Text},
                               {"loosenings", FieldKind::Text},
                               {"proposed_by", FieldKind::Text},
                               {"decided_by", FieldKind::Text},
                               {"created_at", FieldKind::Integer}},
                              3,
                              {}};
  return kSchema;
}

const Schema& ReferenceSetRow::schema() {
  static const Schema kSchema{"reference_sets",
                              {{"catalog", FieldKind::Text},
                               {"id", FieldKind::Blob},
                               {"component", FieldKind::Text},
                               {"version", FieldKind::Text},
                               {"security_version", FieldKind::Integer},
                               {"source", FieldKind::Text},
                               {"document", FieldKind::Text},
                               {"withdrawn", FieldKind::Integer},
                               {"added_by", FieldKind::Text},
                               {"added_at", FieldKind::Integer}},
                              2,
                              {{kReferencesByComponent, {0, 2}, false}}};
  return kSchema;
}

const Schema& AllowedReferenceRow::first_schema() {
  static const Schema kSchema{"allowed_references",
                              {{"catalog", FieldKind::Text},
                               {"product", FieldKind::Text},
                               {"device_group", FieldKind::Text},
                               {"id", FieldKind::Blob},
                               {"allowed_at", FieldKind::Integer},
                               {"allowed_by", FieldKind::Text}},
                              4,
                              {}};
  return kSchema;
}

const Schema& AllowedReferenceRow::schema() {
  static const Schema kSchema = [] {
    Schema out = first_schema();
    out.indexes.push_back({kAllowedReferencesById, {0, 3}, false});
    return out;
  }();
  return kSchema;
}

template class Table<PolicyRow>;
template class Table<ReferenceSetRow>;
template class Table<AllowedReferenceRow>;

}  // namespace holdfast::ports

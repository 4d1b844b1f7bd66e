#include "ports/store/rows/est.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {

const Schema& EstRow::schema() {
  static const Schema kSchema{"est",
                              {{"catalog", FieldKind::Text},
                               {"reenroll", FieldKind::Integer},
                               {"things", FieldKind::Integer},
                               {"thing_life_ms", FieldKind::Integer}},
                              1,
                              {}};
  return kSchema;
}

const Schema& ThingRow::schema() {
  static const Schema kSchema{"things",
                              {{"catalog", FieldKind::Text},
                               {"thing", FieldKind::Text},
                               {"secret_sha256", FieldKind::Blob},
                               {"created_by", FieldKind::Text},
                               {"created_at", FieldKind::Integer},
                               {"expires_at", FieldKind::Integer},
                               {"used_at", FieldKind::Integer, true}},
                              2,
                              {}};
  return kSchema;
}

template class Table<EstRow>;
template class Table<ThingRow>;

}  // namespace holdfast::ports

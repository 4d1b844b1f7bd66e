#include "ports/store/rows/moving.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {

const Schema& ImportRow::schema() {
  static const Schema kSchema{"imports",
                              {{"catalog", FieldKind::Text},
                               {"statement", FieldKind::Blob},
                               {"remaining_pages", FieldKind::Integer},
                               {"expected", FieldKind::Blob},
                               {"began_by", FieldKind::Text},
                               {"began_at", FieldKind::Integer}},
                              1,
                              {}};
  return kSchema;
}

template class Table<ImportRow>;

}  // namespace holdfast::ports

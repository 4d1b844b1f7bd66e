#include "ports/store/rows/access.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {

const Schema& OperatorRow::schema() {
  static const Schema kSchema{"operators",
                              {{"name", FieldKind::Text},
                               {"token_sha256", FieldKind::Blob},
                               {"catalog", FieldKind::Text},
                               {"scope", FieldKind::Text},
                               {"created_by", FieldKind::Text},
                               {"created_at", FieldKind::Integer},
                               {"expires_at", FieldKind::Integer, true},
                               {"revoked_at", FieldKind::Integer, true}},
                              1,
                              {{kOperatorsByToken, {1}, true}}};
  return kSchema;
}

const Schema& OwnerLinkRow::schema() {
  static const Schema kSchema{
      "owner_links",
      {{"secret_sha256", FieldKind::Blob}, {"expires_at", FieldKind::Integer}, {"used_at", FieldKind::Integer, true}},
      1,
      {}};
  return kSchema;
}

const Schema& SettingRow::schema() {
  static const Schema kSchema{"settings", {{"name", FieldKind::Text}, {"value", FieldKind::Text}}, 1, {}};
  return kSchema;
}

template class Table<OperatorRow>;
template class Table<SettingRow>;
template class Table<OwnerLinkRow>;

}  // namespace holdfast::ports

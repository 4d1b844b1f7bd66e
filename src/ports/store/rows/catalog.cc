#include "ports/store/rows/catalog.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {

const Schema& CatalogRow::first_schema() {
  static const Schema kSchema{"catalogs",
                              {{"name", FieldKind::Text},
                               {"state", FieldKind::Integer},
                               {"name_form", FieldKind::Integer},
                               {"trust_domain", FieldKind::Text},
                               {"two_approvers", FieldKind::Integer},
                               {"created_at", FieldKind::Integer}},
                              1,
                              {}};
  return kSchema;
}

const Schema& CatalogRow::schema() {
  static const Schema kSchema = [] {
    Schema out = first_schema();
    out.columns.push_back({"signed_policy", FieldKind::Integer, true});
    return out;
  }();
  return kSchema;
}

const Schema& OwnerDocumentRow::schema() {
  static const Schema kSchema{"owner_documents",
                              {{"catalog", FieldKind::Text},
                               {"kind", FieldKind::Integer},
                               {"version", FieldKind::Integer},
                               {"bytes", FieldKind::Blob}},
                              3,
                              {}};
  return kSchema;
}

const Schema& ProductRow::schema() {
  static const Schema kSchema{"products",
                              {{"catalog", FieldKind::Text},
                               {"name", FieldKind::Text},
                               {"description", FieldKind::Text},
                               {"created_at", FieldKind::Integer}},
                              2,
                              {}};
  return kSchema;
}

const Schema& DeviceGroupRow::schema() {
  static const Schema kSchema{"device_groups",
                              {{"catalog", FieldKind::Text},
                               {"product", FieldKind::Text},
                               {"name", FieldKind::Text},
                               {"policy", FieldKind::Text},
                               {"description", FieldKind::Text},
                               {"created_at", FieldKind::Integer}},
                              3,
                              {}};
  return kSchema;
}

template class Table<CatalogRow>;
template class Table<OwnerDocumentRow>;
template class Table<ProductRow>;
template class Table<DeviceGroupRow>;

}  // namespace holdfast::ports

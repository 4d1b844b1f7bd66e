#include "ports/store/rows/certificate.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {
const Schema& KeyRow::first_schema() {
  static const Schema kSchema{"keys",
                              {{"catalog", FieldKind::Text},
                               {"purpose", FieldKind::Integer},
                               {"number", FieldKind::Integer},
                               {"public_key", FieldKind::Blob},
                               {"sealed_key", FieldKind::Blob},
                               {"certificate", FieldKind::Blob, true},
                               {"root", FieldKind::Blob, true},
                               {"created_at", FieldKind::Integer}},
                              3,
                              {}};
  return kSchema;
}

const Schema& KeyRow::schema() {
  static const Schema kSchema = with_column(first_schema(), {"in_force_at", FieldKind::Integer, true});
  return kSchema;
}

const Schema& FormerAuthorityRow::schema() {
  static const Schema kSchema{"former_authorities",
                              {{"catalog", FieldKind::Text},
                               {"purpose", FieldKind::Integer},
                               {"number", FieldKind::Integer},
                               {"public_key", FieldKind::Blob},
                               {"certificate", FieldKind::Blob, true},
                               {"created_at", FieldKind::Integer},
                               {"ended_at", FieldKind::Integer},
                               {"is_distrusted", FieldKind::Integer},
                               {"reason", FieldKind::Text},
                               {"key_in_token", FieldKind::Blob, true}},
                              3,
                              {}};
  return kSchema;
}

const Schema& CertificateRow::first_schema() {
  static const Schema kSchema{"certificates",
                              {{"catalog", FieldKind::Text},
                               {"serial", FieldKind::Blob},
                               {"sha256", FieldKind::Blob},
                               {"device", FieldKind::Text},
                               {"kind", FieldKind::Integer},
                               {"not_before", FieldKind::Integer},
                               {"not_after", FieldKind::Integer},
                               {"appraisal", FieldKind::Integer},
                               {"state", FieldKind::Integer},
                               {"ended_at", FieldKind::Integer, true},
                               {"reason", FieldKind::Text}},
                              2,
                              {{kCertificatesBySha256, {2}, true},
                               {kCertificatesByDevice, {0, 3, 6}, false},
                               {kCertificatesByEnd, {0, 4, 8, 6}, false}}};
  return kSchema;
}

const Schema& CertificateRow::schema() {
  static const Schema kSchema = with_column(first_schema(), {"authority", FieldKind::Integer, true});
  return kSchema;
}

const Schema& RevocationListRow::schema() {
  static const Schema kSchema{"revocation_lists",
                              {{"catalog", FieldKind::Text},
                               {"purpose", FieldKind::Integer},
                               {"number", FieldKind::Integer},
                               {"signed_at", FieldKind::Integer}},
                              2,
                              {}};
  return kSchema;
}

const Schema& RevocationListPartRow::schema() {
  static const Schema kSchema{"revocation_list_parts",
                              {{"catalog", FieldKind::Text},
                               {"purpose", FieldKind::Integer},
                               {"authority", FieldKind::Integer},
                               {"part", FieldKind::Integer},
                               {"bytes", FieldKind::Blob}},
                              4,
                              {}};
  return kSchema;
}

const Schema& RevocationChangeRow::schema() {
  static const Schema kSchema{
      "revocation_changes", {{"catalog", FieldKind::Text}, {"purpose", FieldKind::Integer}}, 2, {}};
  return kSchema;
}

template class Table<KeyRow>;
template class Table<FormerAuthorityRow>;
template class Table<CertificateRow>;
template class Table<RevocationListRow>;
template class Table<RevocationListPartRow>;
template class Table<RevocationChangeRow>;

}  // namespace holdfast::ports

#include "ports/store/rows/attestation.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {

const Schema& NonceRow::schema() {
  static const Schema kSchema{"nonces",
                              {{"nonce", FieldKind::Blob},
                               {"catalog", FieldKind::Text},
                               {"device", FieldKind::Text},
                               {"purpose", FieldKind::Text},
                               {"expires_at", FieldKind::Integer}},
                              1,
                              {{kNoncesByExpiry, {4}, false}, {kNoncesByDevice, {1, 2}, false}}};
  return kSchema;
}

const Schema& AppraisalRow::schema() {
  static const Schema kSchema{"appraisals",
                              {{"catalog", FieldKind::Text},
                               {"device", FieldKind::Text},
                               {"sequence", FieldKind::Integer},
                               {"at", FieldKind::Integer},
                               {"verdict", FieldKind::Integer},
                               {"policy", FieldKind::Text},
                               {"policy_version", FieldKind::Integer},
                               {"findings", FieldKind::Text}},
                              3,
                              {}};
  return kSchema;
}

const Schema& EvidenceRow::schema() {
  static const Schema kSchema{"evidence",
                              {{"catalog", FieldKind::Text},
                               {"device", FieldKind::Text},
                               {"at", FieldKind::Integer},
                               {"ak_public", FieldKind::Blob},
                               {"request", FieldKind::Blob},
                               {"clock_ms", FieldKind::Integer, true},
                               {"reset_count", FieldKind::Integer, true},
                               {"restart_count", FieldKind::Integer, true}},
                              2,
                              {}};
  return kSchema;
}

template class Table<NonceRow>;
template class Table<AppraisalRow>;
template class Table<EvidenceRow>;

}  // namespace holdfast::ports

#include "ports/store/rows/claim.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {

const Schema& ClaimTicketRow::schema() {
  static const Schema kSchema{"claim_tickets",
                              {{"catalog", FieldKind::Text},
                               {"ticket", FieldKind::Text},
                               {"secret_sha256", FieldKind::Blob},
                               {"product", FieldKind::Text},
                               {"device_group", FieldKind::Text},
                               {"device", FieldKind::Text, true},
                               {"created_by", FieldKind::Text},
                               {"created_at", FieldKind::Integer},
                               {"expires_at", FieldKind::Integer},
                               {"consumed_at", FieldKind::Integer, true},
                               {"consumed_by", FieldKind::Text, true}},
                              2,
                              {{kTicketsBySecret, {0, 2}, true}}};
  return kSchema;
}

const Schema& ExpectedKeyRow::schema() {
  static const Schema kSchema{"expected_keys",
                              {{"catalog", FieldKind::Text},
                               {"ek_sha256", FieldKind::Blob},
                               {"product", FieldKind::Text},
                               {"device_group", FieldKind::Text},
                               {"label", FieldKind::Text},
                               {"added_at", FieldKind::Integer}},
                              2,
                              {}};
  return kSchema;
}

const Schema& EnrollChallengeRow::schema() {
  static const Schema kSchema{"enroll_challenges",
                              {{"challenge", FieldKind::Blob},
                               {"catalog", FieldKind::Text},
                               {"ek_sha256", FieldKind::Blob},
                               {"ak_public", FieldKind::Blob},
                               {"secret_sha256", FieldKind::Blob},
                               {"ticket", FieldKind::Text, true},
                               {"product", FieldKind::Text},
                               {"device_group", FieldKind::Text},
                               {"expires_at", FieldKind::Integer}},
                              1,
                              {{kChallengesByExpiry, {8}, false}}};
  return kSchema;
}

template class Table<ClaimTicketRow>;
template class Table<ExpectedKeyRow>;
template class Table<EnrollChallengeRow>;

}  // namespace holdfast::ports

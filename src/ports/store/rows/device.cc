#include "ports/store/rows/device.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {

const Schema& DeviceRow::first_schema() {
  static const Schema kSchema{"devices",
                              {{"catalog", FieldKind::Text},
                               {"device", FieldKind::Text},
                               {"ek_sha256", FieldKind::Blob},
                               {"product", FieldKind::Text},
                               {"device_group", FieldKind::Text},
                               {"state", FieldKind::Integer},
                               {"ak_public", FieldKind::Blob},
                               {"enrolments", FieldKind::Integer},
                               {"enrolled_at", FieldKind::Integer},
                               {"attestations", FieldKind::Integer},
                               {"last_verdict", FieldKind::Integer, true},
                               {"last_attested_at", FieldKind::Integer, true},
                               {"clock_ms", FieldKind::Integer, true},
                               {"reset_count", FieldKind::Integer, true},
                               {"restart_count", FieldKind::Integer, true},
                               {"last_seen_at", FieldKind::Integer, true},
                               {"boot_count", FieldKind::Integer},
                               {"running", FieldKind::Text},
                               {"floor", FieldKind::Text}},
                              2,
                              {{kDevicesByEk, {0, 2}, true}, {kDevicesByGroup, {0, 3, 4}, false}}};
  return kSchema;
}

const Schema& ReleaseRow::schema() {
  static const Schema kSchema{"releases",
                              {{"catalog", FieldKind::Text},
                               {"device", FieldKind::Text},
                               {"statement", FieldKind::Blob},
                               {"signed_digest", FieldKind::Blob},
                               {"attestation_key", FieldKind::Blob},
                               {"ordered_by", FieldKind::Text},
                               {"ordered_at", FieldKind::Integer},
                               {"expires_at", FieldKind::Integer},
                               {"confirmed_at", FieldKind::Integer, true}},
                              2,
                              {}};
  return kSchema;
}

const Schema& DeviceRow::schema() {
  static const Schema kSchema = [] {
    Schema out = first_schema();
    out.columns.push_back({"escrow", FieldKind::Blob, true});
    out.indexes.push_back({kDevicesByVerdict, {0, 10}, false});
    return out;
  }();
  return kSchema;
}

template class Table<DeviceRow>;
template class Table<ReleaseRow>;

}  // namespace holdfast::ports

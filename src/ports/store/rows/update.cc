#include "ports/store/rows/update.h"

#include "ports/store/table_codec.h"

namespace holdfast::ports {

const Schema& RepositoryDocumentRow::schema() {
  static const Schema kSchema{"repository_documents",
                              {{"catalog", FieldKind::Text},
                               {"file", FieldKind::Text},
                               {"bytes", FieldKind::Blob},
                               {"stored_at", FieldKind::Integer}},
                              2,
                              {}};
  return kSchema;
}

const Schema& RepositoryRow::first_schema() {
  static const Schema kSchema{"repositories",
                              {{"catalog", FieldKind::Text},
                               {"timestamp", FieldKind::Blob},
                               {"timestamp_version", FieldKind::Integer},
                               {"snapshot_version", FieldKind::Integer},
                               {"expires_at", FieldKind::Integer},
                               {"published_by", FieldKind::Text},
                               {"published_at", FieldKind::Integer}},
                              1,
                              {}};
  return kSchema;
}

const Schema& RepositoryRow::schema() {
  static const Schema kSchema = with_column(first_schema(), {"withdrawn", FieldKind::Text, true});
  return kSchema;
}

const Schema& DeploymentRow::first_schema() {
  static const Schema kSchema{"deployments",
                              {{"catalog", FieldKind::Text},
                               {"number", FieldKind::Integer},
                               {"product", FieldKind::Text},
                               {"device_group", FieldKind::Text},
                               {"images", FieldKind::Text},
                               {"waves", FieldKind::Text},
                               {"reach", FieldKind::Text},
                               {"state", FieldKind::Integer},
                               {"wave", FieldKind::Integer},
                               {"wave_began_at", FieldKind::Integer},
                               {"places", FieldKind::Integer},
                               {"next_wave_at", FieldKind::Integer, true},
                               {"reason", FieldKind::Text},
                               {"created_by", FieldKind::Text},
                               {"created_at", FieldKind::Integer}},
                              2,
                              {{kDeploymentsByGroup, {0, 2, 3, 1}, false}}};
  return kSchema;
}

const Schema& DeploymentRow::schema() {
  static const Schema kSchema = with_column(first_schema(), {"reference_sets", FieldKind::Text, true});
  return kSchema;
}

const Schema& PinRow::schema() {
  static const Schema kSchema{"pins",
                              {{"catalog", FieldKind::Text},
                               {"device", FieldKind::Text},
                               {"deployment", FieldKind::Integer},
                               {"reason", FieldKind::Text},
                               {"pinned_by", FieldKind::Text},
                               {"pinned_at", FieldKind::Integer}},
                              2,
                              {}};
  return kSchema;
}

const Schema& DirectionRow::first_schema() {
  static const Schema kSchema{"directions",
                              {{"catalog", FieldKind::Text},
                               {"device", FieldKind::Text},
                               {"version", FieldKind::Integer},
                               {"deployment", FieldKind::Integer},
                               {"since", FieldKind::Integer}},
                              2,
                              {{kDirectionsByDeployment, {0, 3}, false}}};
  return kSchema;
}

const Schema& DirectionRow::schema() {
  static const Schema kSchema = with_column(first_schema(), {"held", FieldKind::Text, true});
  return kSchema;
}

const Schema& UpdateReportRow::schema() {
  static const Schema kSchema{"update_reports",
                              {{"catalog", FieldKind::Text},
                               {"device", FieldKind::Text},
                               {"director", FieldKind::Integer},
                               {"updates", FieldKind::Text},
                               {"counts", FieldKind::Text},
                               {"at", FieldKind::Integer}},
                              2,
                              {}};
  return kSchema;
}

const Schema& ImageCountsRow::schema() {
  static const Schema kSchema{"image_counts",
                              {{"catalog", FieldKind::Text},
                               {"device", FieldKind::Text},
                               {"component", FieldKind::Text},
                               {"version", FieldKind::Text},
                               {"boots", FieldKind::Integer},
                               {"failed_boots", FieldKind::Integer},
                               {"fallbacks", FieldKind::Integer},
                               {"exits", FieldKind::Integer},
                               {"crashes", FieldKind::Integer},
                               {"first_at", FieldKind::Integer},
                               {"failed_boot_at", FieldKind::Integer, true},
                               {"fallback_at", FieldKind::Integer, true},
                               {"crash_at", FieldKind::Integer, true}},
                              4,
                              {}};
  return kSchema;
}

const Schema& TrialRow::schema() {
  static const Schema kSchema{"trials",
                              {{"catalog", FieldKind::Text},
                               {"deployment", FieldKind::Integer},
                               {"device", FieldKind::Text},
                               {"began_at", FieldKind::Integer},
                               {"before", FieldKind::Integer},
                               {"since", FieldKind::Integer},
                               {"took_at", FieldKind::Integer, true},
                               {"confirmed_at", FieldKind::Integer, true}},
                              3,
                              {}};
  return kSchema;
}

const Schema& TallyRow::schema() {
  static const Schema kSchema{"tallies",
                              {{"catalog", FieldKind::Text},
                               {"deployment", FieldKind::Integer},
                               {"told", FieldKind::Integer},
                               {"took", FieldKind::Integer},
                               {"confirmed", FieldKind::Integer},
                               {"pairs", FieldKind::Text}},
                              2,
                              {}};
  return kSchema;
}

const Schema& FreezeRow::schema() {
  static const Schema kSchema{"freezes",
                              {{"catalog", FieldKind::Text},
                               {"number", FieldKind::Integer},
                               {"product", FieldKind::Text},
                               {"device_group", FieldKind::Text},
                               {"from_at", FieldKind::Integer},
                               {"until_at", FieldKind::Integer},
                               {"reason", FieldKind::Text},
                               {"created_by", FieldKind::Text},
                               {"created_at", FieldKind::Integer}},
                              2,
                              {}};
  return kSchema;
}

template class Table<RepositoryDocumentRow>;
template class Table<RepositoryRow>;
template class Table<DeploymentRow>;
template class Table<PinRow>;
template class Table<DirectionRow>;
template class Table<UpdateReportRow>;
template class Table<ImageCountsRow>;
template class Table<TrialRow>;
template class Table<TallyRow>;
template class Table<FreezeRow>;

}  // namespace holdfast::ports

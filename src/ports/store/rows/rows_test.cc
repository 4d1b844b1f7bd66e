#include <doctest/doctest.h>

#include <set>

#include "ports/store/migration.h"
#include "ports/store/rows/access.h"
#include "ports/store/rows/approval.h"
#include "ports/store/rows/attestation.h"
#include "ports/store/rows/audit.h"
#include "ports/store/rows/catalog.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/rows/claim.h"
#include "ports/store/rows/device.h"
#include "ports/store/rows/est.h"
#include "ports/store/rows/kept_answer.h"
#include "ports/store/rows/moving.h"
#include "ports/store/rows/policy.h"
#include "ports/store/rows/update.h"
#include "ports/store/rows/webhook.h"
#include "ports/store/table_codec.h"

using namespace holdfast;
using namespace holdfast::ports;

namespace {

FieldKind kind_of(const Field& field) {
  return std::holds_alternative<std::string>(field) ? FieldKind::Text
         : std::holds_alternative<Blob>(field)      ? FieldKind::Blob
                                                    : FieldKind::Integer;
}

/// The struct and the schema of a row are written twice; they must say the same.
template <class Row>
void check_row() {
  const Schema& schema = Row::schema();
  CAPTURE(schema.table);
  const Record record = to_record(Row{});
  REQUIRE(record.size() == schema.columns.size());
  for (std::size_t i = 0; i < record.size(); ++i) {
    CAPTURE(schema.columns[i].name);
    const bool null = std::holds_alternative<std::monostate>(record[i]);
    CHECK(null == schema.columns[i].nullable);
    if (!null) CHECK(kind_of(record[i]) == schema.columns[i].kind);
  }
  CHECK(schema.key_size >= 1);
  CHECK(from_record<Row>(record));
  for (const Index& index : schema.indexes) {
    for (const std::size_t column : index.columns) CHECK(column < schema.columns.size());
  }
}

template <class... Rows>
void check_rows() {
  (check_row<Rows>(), ...);
}

}  // namespace

TEST_CASE("every row's members are its schema's columns") {
  check_rows<CatalogRow, OwnerDocumentRow, ProductRow, DeviceGroupRow, DeviceRow, ClaimTicketRow, ExpectedKeyRow,
             EnrollChallengeRow, NonceRow, AppraisalRow, EvidenceRow, KeyRow, FormerAuthorityRow, CertificateRow,
             PolicyRow, ReferenceSetRow, AllowedReferenceRow, OperatorRow, OwnerLinkRow, SettingRow, AuditRow,
             AuditHeadRow, RevocationListRow, RevocationListPartRow, RevocationChangeRow, WebhookRow, WebhookEventRow,
             ApprovalRow, ForkReportRow, EstRow, ThingRow, ReleaseRow, ImportRow, KeptAnswerRow, RepositoryDocumentRow,
             RepositoryRow, DeploymentRow, PinRow, DirectionRow, UpdateReportRow, ImageCountsRow, TrialRow, TallyRow,
             FreezeRow>();
}

TEST_CASE("migrations are numbered from 1 without gaps and name each table and index once") {
  std::set<std::string_view> names;
  int number = 0;
  for (const Migration& migration : migrations()) {
    CHECK(migration.number == ++number);
    for (const MigrationStep& step : migration.steps) {
      if (const auto* create = std::get_if<CreateTable>(&step)) {
        CHECK(names.insert(create->schema->table).second);
        for (const Index& index : create->schema->indexes) CHECK(names.insert(index.name).second);
      }
    }
  }
  CHECK(names.size() >= 20);
}

/// The columns of a table after every migration, as an engine comes to have them.
std::vector<std::string_view> columns_after_migration(std::string_view table) {
  std::vector<std::string_view> out;
  for (const Migration& migration : migrations()) {
    for (const MigrationStep& step : migration.steps) {
      const auto* create = std::get_if<CreateTable>(&step);
      const auto* add = std::get_if<AddColumn>(&step);
      if (create != nullptr && create->schema->table == table) {
        for (const Column& column : create->schema->columns) out.push_back(column.name);
      }
      if (add != nullptr && add->schema->table == table) out.push_back(add->schema->columns[add->column].name);
    }
  }
  return out;
}

template <class Row>
void check_later_columns() {
  const Schema& schema = Row::schema();
  CAPTURE(schema.table);
  std::vector<std::string_view> expected;
  for (const Column& column : schema.columns) expected.push_back(column.name);
  CHECK(columns_after_migration(schema.table) == expected);
  REQUIRE(Row::first_schema().columns.size() < expected.size());
  for (std::size_t i = Row::first_schema().columns.size(); i < expected.size(); ++i) CHECK(schema.columns[i].nullable);
}

TEST_CASE("a column that came later is added by a later step, and nullable") {
  check_later_columns<CatalogRow>();
  check_later_columns<KeyRow>();
  check_later_columns<CertificateRow>();
  check_later_columns<RepositoryRow>();
  check_later_columns<DeploymentRow>();
  check_later_columns<DirectionRow>();
}

TEST_CASE("a migration changes at most one table that programs may be using") {
  constexpr int kFirstBound = 12;  // those before were made when nobody had the database
  for (const Migration& migration : migrations()) {
    std::set<std::string_view> changed;
    for (const MigrationStep& step : migration.steps) {
      if (const auto* add = std::get_if<AddColumn>(&step)) changed.insert(add->schema->table);
      if (const auto* add = std::get_if<AddIndex>(&step)) changed.insert(add->schema->table);
    }
    if (migration.number >= kFirstBound) CHECK(changed.size() <= 1);
  }
}

TEST_CASE("an index that came later is added by a later step") {
  std::set<std::string_view> added;
  for (const Migration& migration : migrations()) {
    for (const MigrationStep& step : migration.steps) {
      const auto* add = std::get_if<AddIndex>(&step);
      if (add != nullptr) CHECK(added.insert(add->schema->indexes[add->index].name).second);
    }
  }
  CHECK(added == std::set<std::string_view>{kDevicesByVerdict, kAllowedReferencesById});
  for (const Schema* first : {&DeviceRow::first_schema(), &AllowedReferenceRow::first_schema()}) {
    for (const Index& index : first->indexes) CHECK_FALSE(added.contains(index.name));
  }
}

TEST_CASE("a stored row of another shape is corrupt, not a crash") {
  Record record = to_record(AuditHeadRow{});
  record.pop_back();
  CHECK(from_record<AuditHeadRow>(record).error().reason == kRowCorrupt);
  record.push_back(std::string("not a blob"));
  CHECK(from_record<AuditHeadRow>(record).error().reason == kRowCorrupt);
  record.back() = Blob(31);
  CHECK(from_record<AuditHeadRow>(record).error().reason == kRowCorrupt);
}

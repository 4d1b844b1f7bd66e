#include "service/moving/page.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
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
#include "service/backup/tables.h"

namespace holdfast::service::moving {
namespace {

using namespace ports;

constexpr std::size_t kTableBytesMax = 64;
constexpr std::size_t kColumnsMax = 64;
constexpr json::Limits kLimits{.bytes_max = kPageBytesMax, .depth_max = 8, .nodes_max = 200'000};

std::unexpected<Error> malformed(std::string message) {
  return fail(Next::Rejected, kPageMalformed, std::move(message));
}

Result<Field> field_of(const json::Value& value) {
  if (value.is_null()) return Field();
  if (const std::int64_t* number = value.integer()) return Field(*number);
  if (const std::string* text = value.text()) return Field(*text);
  const json::Value* blob = value.find("base64");
  const std::string* text = blob != nullptr && value.object()->size() == 1 ? blob->text() : nullptr;
  if (text == nullptr) return malformed("expected a number, text, null or {\"base64\": …} in a row, saw another");
  return Field(TRY(from_base64(*text)));
}

Result<Record> record_of(const json::Value& row) {
  if (row.array() == nullptr) return malformed("expected each row as an array, saw another");
  Record out;
  for (const json::Value& value : *row.array()) out.push_back(TRY(field_of(value)));
  return out;
}

/// What no page may say of a row, whoever signed it.
Result<void> require_own(const Schema& schema, const Record& row, std::string_view catalog) {
  const auto* named = std::get_if<std::string>(&row.front());
  if (named == nullptr || *named != catalog)
    return malformed("expected rows of the exported catalog alone, saw another's");
  if (schema.table == KeyRow::schema().table && !TRY(from_record<KeyRow>(row)).sealed_key.empty()) {
    return malformed("expected a key without its private half, saw one with");
  }
  return {};
}

}  // namespace

const std::vector<const Schema*>& exported_tables() {
  static const std::vector<const Schema*> kTables = {&CertificateRow::schema(),
                                                     &CatalogRow::schema(),
                                                     &OwnerDocumentRow::schema(),
                                                     &ProductRow::schema(),
                                                     &DeviceGroupRow::schema(),
                                                     &DeviceRow::schema(),
                                                     &ReleaseRow::schema(),
                                                     &ClaimTicketRow::schema(),
                                                     &ExpectedKeyRow::schema(),
                                                     &AppraisalRow::schema(),
                                                     &EvidenceRow::schema(),
                                                     &KeyRow::schema(),
                                                     &FormerAuthorityRow::schema(),
                                                     &PolicyRow::schema(),
                                                     &ReferenceSetRow::schema(),
                                                     &AllowedReferenceRow::schema(),
                                                     &ApprovalRow::schema(),
                                                     &EstRow::schema(),
                                                     &ThingRow::schema(),
                                                     &ForkReportRow::schema(),
                                                     &RepositoryDocumentRow::schema(),
                                                     &RepositoryRow::schema(),
                                                     &DeploymentRow::schema(),
                                                     &PinRow::schema(),
                                                     &DirectionRow::schema(),
                                                     &UpdateReportRow::schema(),
                                                     &ImageCountsRow::schema(),
                                                     &TrialRow::schema(),
                                                     &TallyRow::schema(),
                                                     &FreezeRow::schema(),
                                                     &AuditRow::schema()};
  return kTables;
}

const std::vector<const Schema*>& tables_that_stay() {
  static const std::vector<const Schema*> kTables = {&NonceRow::schema(),
                                                     &EnrollChallengeRow::schema(),
                                                     &OperatorRow::schema(),
                                                     &OwnerLinkRow::schema(),
                                                     &SettingRow::schema(),
                                                     &WebhookRow::schema(),
                                                     &WebhookEventRow::schema(),
                                                     &RevocationListRow::schema(),
                                                     &RevocationListPartRow::schema(),
                                                     &RevocationChangeRow::schema(),
                                                     &KeptAnswerRow::schema(),
                                                     &ImportRow::schema(),
                                                     &AuditHeadRow::schema()};
  return kTables;
}

Result<Record> exported(const Schema& schema, Record row) {
  if (schema.table != KeyRow::schema().table) return row;
  auto key = TRY(from_record<KeyRow>(row));
  key.sealed_key.clear();
  return to_record(key);
}

json::Value to_json(const Field& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field)) return *number;
  if (const auto* text = std::get_if<std::string>(&field)) return *text;
  if (const auto* blob = std::get_if<Blob>(&field)) return json::Object{{"base64", to_base64(*blob)}};
  return {};
}

Result<Page> parse_page(Bytes body, std::string_view catalog) {
  const json::Value value = TRY(json::parse(body, kLimits));
  auto fields = TRY(json::Fields::of(value, "page"));
  Page out;
  out.number = TRY(fields.integer("number", 1, INT64_MAX));
  out.previous = TRY(fields.digest256("previous"));
  const std::string table = TRY(fields.text("table", kTableBytesMax));
  const auto columns = TRY(fields.texts("columns", kColumnsMax, kTableBytesMax));
  const json::Array& rows = *TRY(fields.array("rows", kPageRowsMax));
  TRY(fields.done());
  const auto layout = TRY(backup::Layout::of({table, columns}));
  out.schema = &layout.schema();
  const bool is_known =
      std::ranges::any_of(exported_tables(), [&](const Schema* one) { return one->table == out.schema->table; });
  if (!is_known) return malformed(cat("expected a table of a catalog, saw ", printable(table)));
  for (const json::Value& row : rows) {
    out.rows.push_back(TRY(input(layout.arranged(TRY(record_of(row))))));
    TRY(require_own(*out.schema, out.rows.back(), catalog));
  }
  return out;
}

}  // namespace holdfast::service::moving

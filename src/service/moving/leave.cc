#include "service/moving/leave.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"
#include "ports/store/rows/catalog.h"
#include "ports/store/shape.h"
#include "ports/store/table_codec.h"
#include "service/audit/audit.h"
#include "service/catalog/catalogs.h"

namespace holdfast::service::moving {
namespace {

using ports::CatalogRow;
using ports::CatalogState;
using ports::Field;
using ports::Record;
using ports::Schema;

constexpr std::size_t kCursorBytesMax = 4096;
constexpr std::size_t kCursorFieldsMax = 8;
constexpr std::size_t kScannedAtOnce = 100;
constexpr std::size_t kRowBytesSoft = 256 * 1024;  ///< a page ends with the row that reaches it

Result<void> change_state(ports::Transaction& tx, std::string_view catalog, CatalogState from, CatalogState to,
                          std::string_view action, const Caller& by, WallTime now) {
  CatalogRow row = TRY(catalog::find_catalog(tx, catalog));
  if (row.state == to) return {};
  if (row.state != from) {
    return fail(Next::Conflict, kNotLeft,
                cat("the catalog '", row.name, "' is in no state from which it could do that"));
  }
  row.state = to;
  TRY(ports::Table<CatalogRow>(tx).update(row));
  return audit::append(tx, {row.name, actor_of(by), std::string(action), row.name, {}}, now);
}

struct Cursor {
  std::size_t table = 0;
  std::optional<Record> after;
};

std::string text_of(std::size_t table, const Record* after) {
  json::Array key;
  if (after != nullptr) {
    for (const Field& field : *after) key.push_back(to_json(field));
  }
  return to_base64url(as_bytes(json::dump(json::Object{
      {"table", static_cast<std::int64_t>(table)}, {"after", after != nullptr ? json::Value(key) : json::Value()}})));
}

Result<Cursor> cursor_of(std::string_view text) {
  if (text.empty()) return Cursor{};
  const auto bytes = text.size() <= kCursorBytesMax ? from_base64url(text) : Result<Blob>(Blob());
  const auto value = bytes ? json::parse(*bytes) : std::unexpected(bytes.error());
  if (!value || value->object() == nullptr) {
    return fail(Next::Rejected, kCursorMalformed, "expected a cursor that an answer named as next, saw another");
  }
  auto fields = TRY(json::Fields::of(*value, "cursor"));
  Cursor out;
  const auto tables = static_cast<std::int64_t>(exported_tables().size());
  out.table = static_cast<std::size_t>(TRY(fields.integer("table", 0, tables - 1)));
  if (!fields.has("after")) return out;
  out.after.emplace();
  for (const json::Value& one : *TRY(fields.array("after", kCursorFieldsMax))) {
    const json::Value* blob = one.find("base64");
    if (const std::int64_t* number = one.integer()) out.after->emplace_back(*number);
    if (const std::string* words = one.text()) out.after->emplace_back(*words);
    if (blob != nullptr && blob->text() != nullptr) out.after->emplace_back(TRY(from_base64(*blob->text())));
  }
  return out;
}

std::size_t bytes_of(const Record& row) {
  std::size_t out = 0;
  for (const Field& field : row) out += json::dump(to_json(field)).size() + 1;
  return out;
}

/// Rows of one table, as many as fit on a page; whether there are more.
Result<bool> fill(ports::Transaction& tx, const Schema& schema, std::string_view catalog, std::optional<Record> after,
                  std::vector<Record>& out) {
  std::size_t bytes = 0;
  ports::Scan scan{.prefix = ports::record_of(catalog), .after = std::move(after), .limit = kScannedAtOnce};
  while (true) {
    auto rows = TRY(tx.scan(schema, scan));
    for (Record& row : rows) {
      bytes += bytes_of(row);
      scan.after = ports::cursor(schema, "", row);
      out.push_back(std::move(row));
      if (bytes >= kRowBytesSoft || out.size() == kPageRowsMax) return true;
    }
    if (rows.size() < scan.limit) return false;
  }
}

}  // namespace

Result<void> leave(ports::Transaction& tx, std::string_view catalog, const Caller& by, WallTime now) {
  return change_state(tx, catalog, CatalogState::Ready, CatalogState::Left, "catalog.left", by, now);
}

Result<void> come_back(ports::Transaction& tx, std::string_view catalog, const Caller& by, WallTime now) {
  return change_state(tx, catalog, CatalogState::Left, CatalogState::Ready, "catalog.came-back", by, now);
}

Result<ExportedRows> export_rows(ports::Transaction& tx, std::string_view catalog, std::string_view cursor) {
  if (TRY(catalog::find_catalog(tx, catalog)).state != CatalogState::Left) {
    return fail(Next::Conflict, kNotLeft, "expected a catalog that has left, saw one that may change while it is read");
  }
  Cursor at = TRY(cursor_of(cursor));
  for (; at.table < exported_tables().size(); ++at.table, at.after.reset()) {
    ExportedRows out;
    out.schema = exported_tables()[at.table];
    const bool has_more = TRY(fill(tx, *out.schema, catalog, std::move(at.after), out.rows));
    if (out.rows.empty()) continue;
    const bool is_last = at.table + 1 == exported_tables().size();
    const Record last = ports::cursor(*out.schema, "", out.rows.back());
    if (has_more) out.next = text_of(at.table, &last);
    if (!has_more && !is_last) out.next = text_of(at.table + 1, nullptr);
    for (Record& row : out.rows) row = TRY(exported(*out.schema, std::move(row)));
    return out;
  }
  return ExportedRows{};
}

}  // namespace holdfast::service::moving

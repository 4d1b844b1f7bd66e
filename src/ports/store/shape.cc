#include "ports/store/shape.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace holdfast::ports {
namespace {

/// Bytes of the well-formed UTF-8 sequence at `at` (Unicode 15, table 3-7), or 0.
std::size_t sequence_bytes(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + size > text.size()) return 0;
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(at + 1) < low || byte(at + 1) > high) return 0;
  for (std::size_t i = at + 2; i < at + size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return size;
}

bool is_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = sequence_bytes(text, at);
    if (size == 0 || text[at] == '\0') return false;
    at += size;
  }
  return true;
}

std::size_t size_of(const Field& field) {
  if (const auto* text = std::get_if<std::string>(&field)) return text->size();
  const auto* blob = std::get_if<Blob>(&field);
  return blob == nullptr ? 0 : blob->size();
}

/// What is wrong with a field, or nothing.
std::string_view fault_of(const Column& column, const Field& field) {
  if (std::holds_alternative<std::monostate>(field)) return column.nullable ? "" : "is NULL";
  if (field.index() != static_cast<std::size_t>(column.kind) + 1) return "is of another kind";
  if (const auto* text = std::get_if<std::string>(&field)) {
    if (!is_text(*text)) return "is not UTF-8 without NUL";
  }
  return size_of(field) > kFieldBytesMax ? "is too long" : "";
}

bool is_indexed(const Schema& schema, std::size_t column) {
  return column < schema.key_size ||
         std::ranges::any_of(
             schema.indexes,
             [&](const Index& index) { return std::ranges::find(index.columns, column) != index.columns.end(); });
}

Result<void> require_fields(const Schema& schema, const Record& record, std::size_t size) {
  if (record.size() != size) {
    return fail(Next::Rejected, kRowMalformed,
                cat("expected ", size, " columns of ", schema.table, ", saw ", record.size()));
  }
  for (std::size_t i = 0; i < size; ++i) {
    const std::string_view fault = fault_of(schema.columns[i], record[i]);
    if (fault.empty()) continue;
    return fail(Next::Rejected, kRowMalformed,
                cat("column ", schema.columns[i].name, " of ", schema.table, " ", fault));
  }
  return {};
}

std::unexpected<Error> malformed(const Schema& schema, std::string_view what) {
  return fail(Next::Rejected, kScanMalformed, cat("a scan of ", schema.table, " ", what));
}

std::size_t index_named(const Schema& schema, std::string_view name) {
  if (name.empty()) return kPrimaryKey;
  const auto at = std::ranges::find(schema.indexes, name, &Index::name);
  return static_cast<std::size_t>(at - schema.indexes.begin());
}

std::vector<std::size_t> key_columns(const Schema& schema) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < schema.key_size; ++i) columns.push_back(i);
  return columns;
}

/// The columns of a cursor: unlike order_of(), the whole key follows, so that a reader of a cursor finds it in one
/// piece.
std::vector<std::size_t> cursor_columns(const Schema& schema, std::size_t index) {
  std::vector<std::size_t> columns;
  if (index != kPrimaryKey) columns = schema.indexes[index].columns;
  std::ranges::copy(key_columns(schema), std::back_inserter(columns));
  return columns;
}

/// The values of `path.columns` from a cursor.
Result<Record> after_of(const Schema& schema, const Path& path, const Record& cursor, const Record& prefix) {
  const std::vector<std::size_t> columns = cursor_columns(schema, path.index);
  if (cursor.size() != columns.size()) return malformed(schema, "has a cursor of another size");
  Record after;
  for (const std::size_t wanted : path.columns) {
    const auto at = std::ranges::find(columns, wanted) - columns.begin();
    after.push_back(cursor[static_cast<std::size_t>(at)]);
    if (!fault_of(schema.columns[wanted], after.back()).empty())
      return malformed(schema, "has a cursor of another kind");
  }
  if (!std::equal(prefix.begin(), prefix.end(), after.begin()))
    return malformed(schema, "has a cursor of another scan");
  return after;
}

}  // namespace

Result<void> require_row(const Schema& schema, const Record& row) {
  TRY(require_fields(schema, row, schema.columns.size()));
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::size_t size = size_of(row[i]);
    if (size <= kIndexedBytesMax || !is_indexed(schema, i)) continue;
    return fail(Next::Rejected, kRowMalformed,
                cat("expected at most ", kIndexedBytesMax, " bytes in column ", schema.columns[i].name, " of ",
                    schema.table, ", which an index holds, saw ", size));
  }
  return {};
}

Result<void> require_key(const Schema& schema, const Record& key) {
  return require_fields(schema, key, schema.key_size);
}

Record key_of(const Schema& schema, const Record& row) {
  return Record(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(schema.key_size));
}

std::unexpected<Error> row_exists(const Schema& schema) {
  return fail(Next::Conflict, kRowExists,
              cat("expected no row of ", schema.table, " with this key or unique value, saw one"));
}

std::unexpected<Error> row_missing(const Schema& schema) {
  return fail(Next::NotFound, kRowMissing, cat("expected a row of ", schema.table, " with this key, saw none"));
}

bool leaves_transaction(const Error& error) { return error.reason == kRowExists || error.reason == kRowMissing; }

std::vector<std::size_t> order_of(const Schema& schema, std::size_t index) {
  if (index == kPrimaryKey) return key_columns(schema);
  std::vector<std::size_t> columns = schema.indexes[index].columns;
  for (const std::size_t column : key_columns(schema)) {
    if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
  }
  return columns;
}

Result<Path> path_of(const Schema& schema, const Scan& scan) {
  const std::size_t index = index_named(schema, scan.index);
  if (index == schema.indexes.size()) return malformed(schema, "names an index that does not exist");
  if (scan.limit > kScanRowsMax) return malformed(schema, "asks for more rows than kScanRowsMax");
  Path path{.index = index, .columns = order_of(schema, index), .after = {}};
  const std::size_t prefix_max = index == kPrimaryKey ? schema.key_size : schema.indexes[index].columns.size();
  if (scan.prefix.size() > prefix_max) return malformed(schema, "has a prefix longer than its index");
  for (std::size_t i = 0; i < scan.prefix.size(); ++i) {
    if (!fault_of(schema.columns[path.columns[i]], scan.prefix[i]).empty()) {
      return malformed(schema, "has a prefix of another kind");
    }
  }
  if (scan.after) path.after = TRY(after_of(schema, path, *scan.after, scan.prefix));
  return path;
}

Record cursor(const Schema& schema, std::string_view index, const Record& row) {
  const std::size_t position = index_named(schema, index);
  CHECK_INVARIANT(position != schema.indexes.size());
  Record out;
  for (const std::size_t column : cursor_columns(schema, position)) out.push_back(row[column]);
  return out;
}

}  // namespace holdfast::ports

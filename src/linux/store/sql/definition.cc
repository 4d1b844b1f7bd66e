#include "linux/store/sql/definition.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "linux/store/sql/text.h"

namespace holdfast::linux::store::sql {

using ports::FieldKind;
using ports::Schema;

namespace {

const Schema& notes() {
  static const Schema kSchema{"schema_migrations", {{"number", FieldKind::Integer}, {"what", FieldKind::Text}}, 1, {}};
  return kSchema;
}

std::string column_text(const ports::Column& column, const Dialect& dialect) {
  return cat(quoted(column.name), " ", dialect.kinds[static_cast<std::size_t>(column.kind)],
             column.nullable ? "" : " NOT NULL");
}

std::string names_text(const Schema& schema, const std::vector<std::size_t>& columns, bool nulls_first = false) {
  std::vector<std::string> names;
  for (const std::size_t column : columns) {
    const bool says_so = nulls_first && schema.columns[column].nullable;
    names.push_back(quoted(schema.columns[column].name) + (says_so ? " NULLS FIRST" : ""));
  }
  return join(names, ", ");
}

std::string literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

}  // namespace

std::string create_table_text(const Schema& schema, const Dialect& dialect) {
  CHECK_INVARIANT(schema.columns.size() <= ports::kColumnsMax && schema.key_size > 0);
  std::vector<std::string> lines;
  std::vector<std::size_t> key;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    CHECK_INVARIANT(i >= schema.key_size || !schema.columns[i].nullable);
    lines.push_back(column_text(schema.columns[i], dialect));
    if (i < schema.key_size) key.push_back(i);
  }
  lines.push_back(cat("PRIMARY KEY (", names_text(schema, key), ")"));
  return cat("CREATE TABLE ", quoted(schema.table), " (", join(lines, ", "), ")", dialect.table_options(schema));
}

std::string create_index_text(const Schema& schema, const ports::Index& index, const Dialect& dialect) {
  const auto at = std::ranges::find(schema.indexes, index.name, &ports::Index::name) - schema.indexes.begin();
  const auto columns = index.unique ? index.columns : order_of(schema, static_cast<std::size_t>(at));
  return cat("CREATE ", index.unique ? "UNIQUE " : "", "INDEX ", quoted(index.name), " ON ", quoted(schema.table), " (",
             names_text(schema, columns, dialect.nulls_first), ")");
}

std::string add_column_text(const Schema& schema, std::size_t column, const Dialect& dialect) {
  CHECK_INVARIANT(schema.columns[column].nullable);
  return cat("ALTER TABLE ", quoted(schema.table), " ADD COLUMN ", column_text(schema.columns[column], dialect));
}

std::vector<std::string> texts_of(const ports::MigrationStep& step, const Dialect& dialect) {
  if (const auto* table = std::get_if<ports::CreateTable>(&step)) {
    std::vector<std::string> out = {create_table_text(*table->schema, dialect)};
    for (const ports::Index& index : table->schema->indexes) {
      out.push_back(create_index_text(*table->schema, index, dialect));
    }
    return out;
  }
  if (const auto* column = std::get_if<ports::AddColumn>(&step)) {
    return {add_column_text(*column->schema, column->column, dialect)};
  }
  const auto& index = std::get<ports::AddIndex>(step);
  return {create_index_text(*index.schema, index.schema->indexes[index.index], dialect)};
}

std::string create_notes_text(const Dialect& dialect) {
  std::string text = create_table_text(notes(), dialect);
  return text.insert(std::string_view("CREATE TABLE ").size(), "IF NOT EXISTS ");
}

std::string read_notes_text() { return "SELECT number FROM schema_migrations ORDER BY number"; }

std::string note_text(const ports::Migration& migration) {
  return cat("INSERT INTO schema_migrations (number, what) VALUES (", migration.number, ", ", literal(migration.what),
             ")");
}

}  // namespace holdfast::linux::store::sql

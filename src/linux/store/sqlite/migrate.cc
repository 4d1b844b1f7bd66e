#include "linux/store/sqlite/migrate.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "linux/store/sql/text.h"

namespace holdfast::linux::store::sqlite {

using ports::FieldKind;
using ports::Schema;
using sql::quoted;

namespace {

constexpr int kWaitForOthersMs = 20'000;

/// The runner's own table, read and written like any other.
const Schema& migrations_table() {
  static const Schema kSchema{"schema_migrations", {{"number", FieldKind::Integer}, {"what", FieldKind::Text}}, 1, {}};
  return kSchema;
}

std::string column_text(const ports::Column& column) {
  constexpr std::string_view kKinds[] = {"INTEGER", "TEXT", "BLOB"};
  return cat(quoted(column.name), " ", kKinds[static_cast<std::size_t>(column.kind)],
             column.nullable ? "" : " NOT NULL");
}

std::string names_text(const Schema& schema, const std::vector<std::size_t>& columns) {
  std::vector<std::string> names;
  for (const std::size_t column : columns) names.push_back(quoted(schema.columns[column].name));
  return join(names, ", ");
}

bool is_all_numbers_beside_key(const Schema& schema) {
  return std::all_of(schema.columns.begin() + static_cast<std::ptrdiff_t>(schema.key_size), schema.columns.end(),
                     [](const ports::Column& column) { return column.kind == FieldKind::Integer; });
}

Result<void> run(Connection& connection, const ports::MigrationStep& step) {
  if (const auto* table = std::get_if<ports::CreateTable>(&step)) {
    TRY(connection.run(create_table_text(*table->schema)));
    for (const ports::Index& index : table->schema->indexes) {
      TRY(connection.run(create_index_text(*table->schema, index)));
    }
    return {};
  }
  if (const auto* column = std::get_if<ports::AddColumn>(&step)) {
    return connection.run(add_column_text(*column->schema, column->column));
  }
  const auto& index = std::get<ports::AddIndex>(step);
  return connection.run(create_index_text(*index.schema, index.schema->indexes[index.index]));
}

Result<std::vector<std::int64_t>> applied(Connection& connection) {
  const Schema& schema = migrations_table();
  Query query(TRY(connection.prepared({.action = Action::Scan, .schema = &schema},
                                      [] { return "SELECT number FROM schema_migrations ORDER BY number"; })));
  std::vector<std::int64_t> numbers;
  while (TRY(query.next())) numbers.push_back(std::get<std::int64_t>(query.row().front()));
  return numbers;
}

Result<void> note(Connection& connection, const ports::Migration& migration) {
  const Schema& schema = migrations_table();
  const ports::Record row = {std::int64_t{migration.number}, std::string(migration.what)};
  Query query(TRY(connection.prepared({.action = Action::Insert, .schema = &schema},
                                      [&] { return sql::insert_text(schema, sql::Mark::Question); })));
  for (const ports::Field& field : row) query.bind(field);
  TRY(query.next());
  return {};
}

/// Inside a transaction, which keeps other processes out: the oldest missing migration; false when there is none.
Result<bool> apply_next(Connection& connection, const std::vector<ports::Migration>& known) {
  const auto missing = TRY(missing_migrations(known, TRY(applied(connection))));
  if (missing.empty()) return false;
  for (const ports::MigrationStep& step : missing.front()->steps) TRY(run(connection, step));
  TRY(note(connection, *missing.front()));
  return true;
}

template <class Work>
auto in_transaction(Connection& connection, Work work) -> decltype(work()) {
  TRY(connection.act(Action::Begin));
  auto result = work();
  if (result) {
    TRY(connection.act(Action::Commit));
  } else if (connection.in_transaction()) {
    TRY(connection.act(Action::Rollback));
  }
  return result;
}

}  // namespace

std::string create_table_text(const Schema& schema) {
  CHECK_INVARIANT(schema.columns.size() <= ports::kColumnsMax && schema.key_size > 0);
  std::vector<std::string> lines;
  std::vector<std::size_t> key;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    CHECK_INVARIANT(i >= schema.key_size || !schema.columns[i].nullable);
    lines.push_back(column_text(schema.columns[i]));
    if (i < schema.key_size) key.push_back(i);
  }
  lines.push_back(cat("PRIMARY KEY (", names_text(schema, key), ")"));
  const bool rowid_is_key = schema.key_size == 1 && schema.columns[0].kind == FieldKind::Integer;
  const bool ordered = is_all_numbers_beside_key(schema) && !rowid_is_key;
  return cat("CREATE TABLE ", quoted(schema.table), " (", join(lines, ", "), ") STRICT",
             ordered ? ", WITHOUT ROWID" : "");
}

std::string create_index_text(const Schema& schema, const ports::Index& index) {
  const auto at = std::ranges::find(schema.indexes, index.name, &ports::Index::name) - schema.indexes.begin();
  const auto columns = index.unique ? index.columns : order_of(schema, static_cast<std::size_t>(at));
  return cat("CREATE ", index.unique ? "UNIQUE " : "", "INDEX ", quoted(index.name), " ON ", quoted(schema.table), " (",
             names_text(schema, columns), ")");
}

std::string add_column_text(const Schema& schema, std::size_t column) {
  CHECK_INVARIANT(schema.columns[column].nullable);
  return cat("ALTER TABLE ", quoted(schema.table), " ADD COLUMN ", column_text(schema.columns[column]));
}

Result<void> migrate(Connection& connection, const std::vector<ports::Migration>& known) {
  connection.wait_when_locked(kWaitForOthersMs);
  TRY(
      connection.run("CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, what TEXT NOT NULL) "
                     "STRICT"));
  while (TRY(in_transaction(connection, [&] { return apply_next(connection, known); }))) {
  }
  connection.wait_when_locked(kLockWaitMs);
  return {};
}

}  // namespace holdfast::linux::store::sqlite

#include "linux/store/sqlite/migrate.h"

#include <algorithm>

#include "base/text.h"

namespace holdfast::linux::store::sqlite {

using ports::FieldKind;
using ports::Schema;

namespace {

constexpr int kWaitForOthersMs = 20'000;

bool is_all_numbers_beside_key(const Schema& schema) {
  return std::all_of(schema.columns.begin() + static_cast<std::ptrdiff_t>(schema.key_size), schema.columns.end(),
                     [](const ports::Column& column) { return column.kind == FieldKind::Integer; });
}

std::string table_options(const Schema& schema) {
  const bool rowid_is_key = schema.key_size == 1 && schema.columns[0].kind == FieldKind::Integer;
  return is_all_numbers_beside_key(schema) && !rowid_is_key ? " STRICT, WITHOUT ROWID" : " STRICT";
}

Result<std::vector<std::int64_t>> applied(Connection& connection) {
  Query query(TRY(connection.prepared({.action = Action::Scan}, sql::read_notes_text)));
  std::vector<std::int64_t> numbers;
  while (TRY(query.next())) numbers.push_back(std::get<std::int64_t>(query.row().front()));
  return numbers;
}

/// Inside a transaction, which keeps other processes out: the oldest missing migration; false when there is none.
Result<bool> apply_next(Connection& connection, const std::vector<ports::Migration>& known) {
  const auto missing = TRY(missing_migrations(known, TRY(applied(connection))));
  if (missing.empty()) return false;
  for (const ports::MigrationStep& step : missing.front()->steps) {
    for (const std::string& text : sql::texts_of(step, dialect())) TRY(connection.run(text));
  }
  TRY(connection.run(sql::note_text(*missing.front())));
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

const sql::Dialect& dialect() {
  static const sql::Dialect kDialect{{"INTEGER", "TEXT", "BLOB"}, false, table_options};
  return kDialect;
}

Result<void> migrate(Connection& connection, const std::vector<ports::Migration>& known) {
  connection.wait_when_locked(kWaitForOthersMs);
  TRY(connection.run(sql::create_notes_text(dialect())));
  while (TRY(in_transaction(connection, [&] { return apply_next(connection, known); }))) {
  }
  connection.wait_when_locked(kLockWaitMs);
  return {};
}

}  // namespace holdfast::linux::store::sqlite

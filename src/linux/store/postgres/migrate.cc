#include "linux/store/postgres/migrate.h"

namespace holdfast::linux::store::postgres {
namespace {

/// New indexes of a large database take their time.
constexpr Duration kMigrationWithin = hours(1);

/// Held to the end of its transaction by who migrates: an arbitrary number, distinct from the one of the queue.
constexpr const char* kKeepOthersOut = "SELECT pg_advisory_xact_lock(4713850213640002)";

Result<std::vector<std::int64_t>> applied(Session& session) {
  std::vector<std::int64_t> numbers;
  for (const ports::Record& row : TRY(session.run(sql::read_notes_text())).rows) {
    numbers.push_back(std::get<std::int64_t>(row.front()));
  }
  return numbers;
}

/// In a transaction that keeps others out: the oldest missing migration; false when there is none.
Result<bool> apply_next(Session& session, const std::vector<ports::Migration>& known) {
  session.post("BEGIN");
  session.post("SET LOCAL synchronous_commit = on");  // nobody flushes what a start did
  session.post(kKeepOthersOut);
  TRY(session.run(sql::create_notes_text(dialect())));
  const auto missing = TRY(missing_migrations(known, TRY(applied(session))));
  if (missing.empty()) return false;
  for (const ports::MigrationStep& step : missing.front()->steps) {
    for (const std::string& text : sql::texts_of(step, dialect())) session.post(text);
  }
  session.post(sql::note_text(*missing.front()));
  TRY(session.run("COMMIT"));
  return true;
}

}  // namespace

const sql::Dialect& dialect() {
  static const sql::Dialect kDialect{
      {"bigint", "text COLLATE \"C\"", "bytea"}, true, [](const ports::Schema&) { return std::string(); }};
  return kDialect;
}

namespace {

Result<void> apply_all(Session& session, const std::vector<ports::Migration>& known) {
  while (true) {
    const auto applied_one = apply_next(session, known);
    if (applied_one && *applied_one) continue;
    if (!session.is_lost()) TRY(session.run("ROLLBACK"));
    if (!applied_one) return std::unexpected(applied_one.error());
    return {};
  }
}

}  // namespace

Result<void> migrate(Session& session, const std::vector<ports::Migration>& known) {
  const Patience usual = session.patience();
  session.set_patience({kMigrationWithin, usual.over});
  auto migrated = apply_all(session, known);
  session.set_patience(usual);
  return migrated;
}

}  // namespace holdfast::linux::store::postgres

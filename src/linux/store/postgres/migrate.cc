#include "linux/store/postgres/migrate.h"

#include <chrono>
#include <thread>

namespace holdfast::linux::store::postgres {
namespace {

/// New indexes of a large database take their time.
constexpr Duration kMigrationWithin = hours(1);

/// Who waits for a table keeps everybody behind itself from it: so little, and again.
constexpr const char* kWaitLittle = "SET LOCAL lock_timeout = '2s'";
constexpr int kTriesMax = 60;
constexpr std::chrono::milliseconds kBetweenTries{250};

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
  session.post(kWaitLittle);
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

/// That others were at the table, in an order that let neither go on or for too long, is worth another try.
bool is_of_others(const Error& error) { return error.reason == kNotSerializable || error.reason == ports::kStoreBusy; }

Result<void> apply_all(Session& session, const std::vector<ports::Migration>& known) {
  for (int tries = 1;;) {
    const auto applied_one = apply_next(session, known);
    if (applied_one && *applied_one) continue;
    if (!session.is_lost()) TRY(session.run("ROLLBACK"));
    if (applied_one) return {};
    if (session.is_lost() || !is_of_others(applied_one.error()) || ++tries > kTriesMax) {
      return std::unexpected(applied_one.error());
    }
    std::this_thread::sleep_for(kBetweenTries);
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

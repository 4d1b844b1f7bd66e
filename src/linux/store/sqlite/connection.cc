#include "linux/store/sqlite/connection.h"

#include <sqlite3.h>

#include "base/check.h"
#include "base/text.h"

namespace holdfast::linux::store::sqlite {

using ports::Field;

namespace {

std::unexpected<Error> failure(int code, const char* said) {
  const std::string message = cat("expected the database to answer, SQLite said: ", printable(said));
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return fail(Next::Retry, ports::kStoreBusy, message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return fail(Next::Corrupt, ports::kStoreFailed, message);
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG: return fail(Next::Exhausted, ports::kStoreFailed, message);
    case SQLITE_READONLY: return fail(Next::Denied, ports::kStoreReadOnly, message);
    case SQLITE_PERM:
    case SQLITE_AUTH: return fail(Next::Denied, ports::kStoreFailed, message);
    case SQLITE_CONSTRAINT: return fail(Next::Conflict, ports::kRowExists, message);
    case SQLITE_IOERR: return fail(Next::Retry, kStoreDiskFailed, message);
    default: return fail(Next::Retry, ports::kStoreFailed, message);
  }
}

std::unexpected<Error> failure(sqlite3* handle) {
  return failure(sqlite3_extended_errcode(handle), sqlite3_errmsg(handle));
}

Field column(sqlite3_stmt* statement, int i) {
  const auto size = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(statement, i)); };
  switch (sqlite3_column_type(statement, i)) {
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, i)};
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
      return std::string(text, size());
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, i));
      return Blob(bytes, bytes + size());
    }
    default: return {};
  }
}

constexpr const char* text_of(Action action) {
  switch (action) {
    case Action::Begin: return "BEGIN IMMEDIATE";  // takes the write lock now, so that no statement can meet it later
    case Action::BeginRead: return "BEGIN";
    case Action::Commit: return "COMMIT";
    default: return "ROLLBACK";
  }
}

}  // namespace

Query::~Query() { sqlite3_reset(statement_); }

void Query::bind(std::int64_t value) {
  if (const int code = sqlite3_bind_int64(statement_, ++bound_, value); code != SQLITE_OK) failure_ = code;
}

void Query::bind(const Field& value) {
  const int at = ++bound_;
  int code = SQLITE_OK;
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    code = sqlite3_bind_int64(statement_, at, *number);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    code = sqlite3_bind_text64(statement_, at, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  } else if (const auto* blob = std::get_if<Blob>(&value)) {
    // A null pointer would bind NULL, and an empty vector may have one.
    code = blob->empty() ? sqlite3_bind_zeroblob(statement_, at, 0)
                         : sqlite3_bind_blob64(statement_, at, blob->data(), blob->size(), SQLITE_STATIC);
  } else {
    code = sqlite3_bind_null(statement_, at);
  }
  if (code != SQLITE_OK) failure_ = code;
}

Result<bool> Query::next() {
  if (failure_ != SQLITE_OK) return failure(failure_, sqlite3_errstr(failure_));
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(sqlite3_db_handle(statement_));
}

ports::Record Query::row() const {
  const int size = sqlite3_column_count(statement_);
  ports::Record record;
  record.reserve(static_cast<std::size_t>(size));
  for (int i = 0; i < size; ++i) record.push_back(column(statement_, i));
  return record;
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Access access) {
  // Nobody reads SQLite's memory statistics, and every allocation would take a lock for them.
  static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(configured);
  const int flags = (access == Access::Write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX |
                    SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  if (code != SQLITE_OK) {
    sqlite3_close(handle);
    return fail_within(printable(path), failure(code, sqlite3_errstr(code)).error());
  }
  std::unique_ptr<Connection> out(new Connection(handle));
  TRY(out->set_up(access));
  return out;
}

Result<void> Connection::set_up(Access access) {
  wait_when_locked(kLockWaitMs);
  // A file may come from anywhere: nothing that its schema says is run.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  // Also keeps SQLite from checkpointing inside a commit.
  sqlite3_wal_hook(
      handle_,
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Connection*>(self)->wal_pages_ = static_cast<std::size_t>(pages);
        return SQLITE_OK;
      },
      this);
  TRY(run("PRAGMA temp_store = MEMORY"));
  return run(access == Access::Write ? "PRAGMA cache_size = -32768" : "PRAGMA cache_size = -4096");
}

Connection::~Connection() {
  for (const auto& [key, statement] : statements_) sqlite3_finalize(statement);
  CHECK_INVARIANT(sqlite3_close(handle_) == SQLITE_OK);  // else a statement was left open
}

Result<void> Connection::run(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failure(handle_);
  return {};
}

Result<void> Connection::act(Action action) {
  Query query(TRY(prepared({.action = action}, [&] { return text_of(action); })));
  TRY(query.next());
  return {};
}

Result<sqlite3_stmt*> Connection::prepare(const StatementKey& key, const std::string& text) {
  if (statements_.size() >= kStatementsMax) {
    for (const auto& [other, statement] : statements_) sqlite3_finalize(statement);
    statements_.clear();
  }
  sqlite3_stmt* statement = nullptr;
  const int size = static_cast<int>(text.size());
  if (sqlite3_prepare_v3(handle_, text.data(), size, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    return failure(handle_);
  }
  statements_.emplace(key, statement);
  return statement;
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

Result<void> Connection::checkpoint() {
  const int code = sqlite3_wal_checkpoint_v2(handle_, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(handle_);
  return {};
}

std::string Connection::wal_path() const { return sqlite3_filename_wal(sqlite3_db_filename(handle_, "main")); }

void Connection::wait_when_locked(int ms) { sqlite3_busy_timeout(handle_, ms); }

}  // namespace holdfast::linux::store::sqlite

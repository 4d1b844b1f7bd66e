// One SQLite connection with its prepared statements; used by one thread at a time. Errors of SQLite become ours here
// and nowhere else.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "linux/store/sql/statement.h"
#include "ports/store/store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace holdfast::linux::store::sqlite {

/// The disk answered with an error. After one at a commit, a checkpoint or a sync nobody knows what is on it.
inline constexpr Reason kStoreDiskFailed{"store-disk-failed"};

inline constexpr std::size_t kStatementsMax = 500;  ///< per connection; beyond, all are prepared anew

inline constexpr int kLockWaitMs = 2'000;  ///< for a lock that another process holds, unless told otherwise

enum class Access { Write, Read };

using sql::Action;
using sql::StatementKey;

/// One run of a statement: bind in order, then step. It resets the statement at the end of its life.
class Query {
 public:
  explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  void bind(const ports::Field& value);  ///< must stay where it is until the query is over
  void bind(std::int64_t value);
  Result<bool> next();  ///< whether there is a row
  ports::Record row() const;

 private:
  sqlite3_stmt* statement_;
  int bound_ = 0;
  int failure_ = 0;
};

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Text of our own, which returns no rows that matter.
  Result<void> run(const std::string& sql);
  /// A statement without rows.
  Result<void> act(Action action);

  template <class MakeText>
  Result<sqlite3_stmt*> prepared(const StatementKey& key, MakeText make_text) {
    if (const auto at = statements_.find(key); at != statements_.end()) return at->second;
    return prepare(key, make_text());
  }

  bool in_transaction() const;
  std::size_t wal_pages() const { return wal_pages_; }  ///< after the last commit
  /// Copies what no reader still needs from the WAL into the database file, both synced.
  Result<void> checkpoint();
  std::string wal_path() const;
  void wait_when_locked(int ms);

 private:
  explicit Connection(sqlite3* handle) : handle_(handle) {}
  Result<sqlite3_stmt*> prepare(const StatementKey& key, const std::string& text);
  Result<void> set_up(Access access);

  sqlite3* handle_;
  std::unordered_map<StatementKey, sqlite3_stmt*, sql::StatementHash> statements_;
  std::size_t wal_pages_ = 0;
};

}  // namespace holdfast::linux::store::sqlite

// One PostgreSQL session, used by one thread at a time. Statements are posted without waiting and their answers
// collected together, so that a transaction costs one round trip for each question that it asks and one for all that it
// changes. Errors of PostgreSQL become ours here and nowhere else.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "base/time.h"
#include "linux/store/postgres/servers.h"
#include "linux/store/sql/statement.h"
#include "ports/store/store.h"

struct pg_conn;
struct pg_result;

namespace holdfast::linux::store::postgres {

/// The server ended the session, cannot be reached any more, does not answer, or takes no writes any more.
inline constexpr Reason kSessionLost{"store-session-lost"};
/// Another transaction came first: the same work may succeed when it runs again.
inline constexpr Reason kNotSerializable{"store-not-serializable"};
inline constexpr Reason kDatabaseUnfit{"database-unfit"};

struct Answer {
  std::vector<ports::Record> rows;  ///< of the statements that return some
  bool each_changed_one = true;     ///< every posted change that returns no rows changed exactly one
};

/// How long a session waits for answers.
struct Patience {
  Duration answers_within;                  ///< all that are collected together
  const std::atomic<bool>* over = nullptr;  ///< once set nobody waits any more, within kOverSeenWithin
};
inline constexpr Duration kOverSeenWithin{100};

class Session {
 public:
  /// `url` as libpq reads it: `postgres://user@host/database?…`, several hosts allowed. Rejected (kDatabaseUnfit) where
  /// the server is older than 14 or the database's encoding is not UTF-8.
  static Result<std::unique_ptr<Session>> open(const std::string& url, const Preference& preference,
                                               const Patience& patience);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// Text of our own without parameters, whose rows nobody wants.
  void post(const std::string& text) { post(text, Awaited::Nothing); }

  template <class MakeText>
  void post_query(const sql::StatementKey& key, const ports::Record& values, MakeText make_text) {
    if (!is_prepared(key)) prepare(key, make_text());
    execute(key, values, Awaited::Rows);
  }
  /// A statement that is to change exactly one row; rows that it returns are not wanted.
  template <class MakeText>
  void post_change(const sql::StatementKey& key, const ports::Record& values, MakeText make_text) {
    if (!is_prepared(key)) prepare(key, make_text());
    execute(key, values, Awaited::OneChange);
  }

  /// What was posted before and what is posted after fail apart.
  void post_boundary();

  /// The answers to everything that was posted, or the first error among them; then what followed up to the next
  /// boundary was not run.
  Result<Answer> collect();
  std::size_t posted() const { return awaited_.size(); }

  Result<Answer> run(const std::string& text);  ///< text of our own, after everything that was posted
  std::string server() const;                   ///< as a Preference names it
  bool is_lost() const { return lost_.has_value(); }
  /// The server warned of something since this was asked last: what it did, it may have done by halves.
  bool take_warned() { return std::exchange(warned_, false); }
  void set_patience(const Patience& patience) { patience_ = patience; }
  const Patience& patience() const { return patience_; }

 private:
  enum class Awaited { Nothing, Prepared, Rows, OneChange, Boundary };
  struct Posted {
    Awaited awaited;
    sql::StatementKey key;  ///< of what is Prepared
  };
  using Statements = std::unordered_map<sql::StatementKey, std::string, sql::StatementHash>;

  Session(pg_conn* connection, const Patience& patience) : connection_(connection), patience_(patience) {}
  Result<void> require_fit() const;
  bool is_prepared(const sql::StatementKey& key) const { return statements_.contains(key); }
  void post(const std::string& text, Awaited awaited);
  void prepare(const sql::StatementKey& key, const std::string& text);
  void execute(const sql::StatementKey& key, const ports::Record& values, Awaited awaited);
  void sent(int accepted, Awaited awaited, const sql::StatementKey& key = {});
  Result<void> wait_for_answer(std::chrono::steady_clock::time_point until);
  Result<void> take_answer(const Posted& posted, Answer& answer);
  Result<void> take_result(const Posted& posted, const pg_result& result, Answer& answer);
  std::unexpected<Error> lose();
  std::unexpected<Error> failure(const pg_result& result);

  pg_conn* connection_;
  Patience patience_;
  bool warned_ = false;
  Statements statements_;  ///< their names on the server
  std::size_t named_ = 0;
  std::deque<Posted> awaited_;
  std::optional<Error> lost_;
};

}  // namespace holdfast::linux::store::postgres

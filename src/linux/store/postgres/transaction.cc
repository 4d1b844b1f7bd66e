#include "linux/store/postgres/transaction.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace holdfast::linux::store::postgres {

using ports::Record;
using ports::Schema;
using sql::Action;

namespace {

constexpr sql::Mark kMark = sql::Mark::Dollar;

/// Answers that nobody reads fill the connection, and the server would wait while we do.
constexpr std::size_t kPostedMax = 256;

std::uint64_t beside_key(const Schema& schema) {
  std::uint64_t mask = 0;
  for (std::size_t i = schema.key_size; i < schema.columns.size(); ++i) mask |= std::uint64_t{1} << i;
  return mask;
}

/// A change that fails where it changes no row, so that what follows it in the transaction is not run either.
std::string one_or_fail(const std::string& change) {
  return cat("WITH changed AS (", change, " RETURNING 1) SELECT 1 / count(*) FROM changed");
}

bool has_unique_index(const Schema& schema) { return std::ranges::any_of(schema.indexes, &ports::Index::unique); }

}  // namespace

template <class Operation>
auto Transaction::unless_ended(Operation operation) -> decltype(operation()) {
  if (ended_) return std::unexpected(*ended_);
  auto result = operation();
  if (!result && !ports::leaves_transaction(result.error())) ended_ = result.error();
  return result;
}

Result<void> Transaction::require_change() {
  if (access_ == Access::Read) {
    return fail(Next::Rejected, ports::kStoreReadOnly, "expected only reads in a reading transaction, saw a change");
  }
  if (changes_ >= ports::kWriteRowsMax) {
    return fail(Next::Exhausted, ports::kWriteTooLarge,
                cat("expected at most ", ports::kWriteRowsMax, " changed rows in a transaction, saw one more"));
  }
  if (session_->posted() >= kPostedMax) TRY(answers());
  ++changes_;
  return {};
}

Result<Answer> Transaction::answers() {
  auto answer = session_->collect();
  if (answer || pace_ == Pace::Careful || !ports::leaves_transaction(answer.error())) return answer;
  return fail(Next::Retry, kTooQuick, answer.error().message);
}

/// The two paces have texts of their own.
sql::StatementKey Transaction::key_of_change(Action action, const Schema& schema) const {
  return {.action = action, .schema = &schema, .shape = static_cast<std::uint32_t>(pace_)};
}

template <class Otherwise>
Result<void> Transaction::changed(Otherwise otherwise) {
  if (pace_ == Pace::Quick || TRY(answers()).each_changed_one) return {};
  return otherwise();
}

Result<void> Transaction::insert(const Schema& schema, const Record& row) {
  return unless_ended([&]() -> Result<void> {
    TRY(require_change());
    TRY(require_row(schema, row));
    session_->post_change(key_of_change(Action::Insert, schema), row, [&] {
      return sql::insert_text(schema, kMark) + (pace_ == Pace::Careful ? " ON CONFLICT DO NOTHING" : "");
    });
    return changed([&] { return ports::row_exists(schema); });
  });
}

void Transaction::post_update(const Schema& schema, const Record& row) {
  // Setting a column to what it was costs PostgreSQL nothing; a table that is all key sets its key to itself.
  const bool all_key = schema.key_size == schema.columns.size();
  const std::uint64_t mask = all_key ? 1 : beside_key(schema);
  Record values(row.begin() + (all_key ? 0 : static_cast<std::ptrdiff_t>(schema.key_size)),
                all_key ? row.begin() + 1 : row.end());
  std::ranges::copy(key_of(schema, row), std::back_inserter(values));
  session_->post_change(key_of_change(Action::Update, schema), values, [&] {
    const std::string text = sql::update_text(schema, mask, kMark);
    return pace_ == Pace::Careful ? text : one_or_fail(text);
  });
}

Result<void> Transaction::update_carefully(const Schema& schema, const Record& row) {
  session_->post("SAVEPOINT before");
  post_update(schema, row);
  const auto updated = session_->collect();
  if (!updated && updated.error().reason != ports::kRowExists) return std::unexpected(updated.error());
  TRY(session_->run(updated ? "RELEASE SAVEPOINT before" : "ROLLBACK TO SAVEPOINT before"));
  if (!updated) return ports::row_exists(schema);
  return updated->each_changed_one ? Result<void>() : ports::row_missing(schema);
}

Result<void> Transaction::update(const Schema& schema, const Record& row) {
  return unless_ended([&]() -> Result<void> {
    TRY(require_change());
    TRY(require_row(schema, row));
    if (pace_ == Pace::Careful && has_unique_index(schema)) return update_carefully(schema, row);
    post_update(schema, row);
    return changed([&] { return ports::row_missing(schema); });
  });
}

Result<void> Transaction::erase(const Schema& schema, const Record& key) {
  return unless_ended([&]() -> Result<void> {
    TRY(require_change());
    TRY(require_key(schema, key));
    session_->post_change(key_of_change(Action::Erase, schema), key, [&] {
      const std::string text = sql::erase_text(schema, kMark);
      return pace_ == Pace::Careful ? text : one_or_fail(text);
    });
    return changed([&] { return ports::row_missing(schema); });
  });
}

Result<std::optional<Record>> Transaction::get(const Schema& schema, const Record& key) {
  return unless_ended([&]() -> Result<std::optional<Record>> {
    TRY(require_key(schema, key));
    session_->post_query({.action = Action::Get, .schema = &schema}, key, [&] { return sql::get_text(schema, kMark); });
    Answer answer = TRY(answers());
    if (answer.rows.empty()) return std::optional<Record>();
    return std::optional(std::move(answer.rows.front()));
  });
}

Result<void> Transaction::walk(const Schema& schema, const sql::Stretch& stretch, std::size_t limit,
                               std::vector<Record>& rows) {
  const sql::StatementKey key{
      .action = Action::Scan, .schema = &schema, .shape = stretch.shape(), .mask = stretch.nulls};
  Record values = stretch.values;
  values.emplace_back(static_cast<std::int64_t>(limit));
  session_->post_query(key, values, [&] { return sql::stretch_text(schema, stretch, kMark); });
  std::ranges::move(TRY(answers()).rows, std::back_inserter(rows));
  return {};
}

Result<std::vector<Record>> Transaction::scan(const Schema& schema, const ports::Scan& scan) {
  return unless_ended([&]() -> Result<std::vector<Record>> {
    const ports::Path path = TRY(path_of(schema, scan));
    std::vector<Record> rows;
    for (const sql::Stretch& stretch : sql::stretches_of(schema, path, scan)) {
      if (rows.size() < scan.limit) TRY(walk(schema, stretch, scan.limit - rows.size(), rows));
    }
    return rows;
  });
}

Result<void> Transaction::run(const ports::Work& work) {
  session_->post(access_ == Access::Write ? "BEGIN ISOLATION LEVEL SERIALIZABLE"
                                          : "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY");
  Result<void> result = work(*this);
  if (ended_) result = std::unexpected(*ended_);
  if (result) {
    result = commit();
  } else if (!ended_) {
    // What the work decided rests on its changes having been made.
    if (const auto rests = answers(); !rests) result = std::unexpected(rests.error());
  }
  if (!result) roll_back();
  return result;
}

Result<void> Transaction::commit() {
  session_->post("COMMIT");
  const auto committed = answers();
  if (committed) return {};
  if (access_ == Access::Read || committed.error().reason != kSessionLost) return std::unexpected(committed.error());
  return fail(Next::Retry, kOutcomeUnknown,
              cat("the database went away during a commit, which it may have made: ", committed.error().message));
}

void Transaction::roll_back() {
  if (session_->is_lost()) return;
  if (session_->posted() > 0) [[maybe_unused]]
    const auto unwanted = session_->collect();
  if (!session_->is_lost()) [[maybe_unused]]
    const auto undone = session_->run("ROLLBACK");
}

}  // namespace holdfast::linux::store::postgres

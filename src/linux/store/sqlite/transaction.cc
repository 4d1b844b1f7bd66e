#include "linux/store/sqlite/transaction.h"

#include <algorithm>
#include <ranges>

#include "base/text.h"

namespace holdfast::linux::store::sqlite {

using ports::Record;
using ports::Schema;

namespace {

constexpr sql::Mark kMark = sql::Mark::Question;

Result<bool> step(Query& query, const Record& values) {
  for (const ports::Field& value : values) query.bind(value);
  return query.next();
}

}  // namespace

template <class Operation>
auto ReadTransaction::unless_ended(Operation operation) -> decltype(operation()) {
  if (ended_) return std::unexpected(*ended_);
  auto result = operation();
  if (!result && !ports::leaves_transaction(result.error())) ended_ = result.error();
  return result;
}

Result<void> ReadTransaction::refuse_change() {
  return unless_ended([]() -> Result<void> {
    return fail(Next::Rejected, ports::kStoreReadOnly, "expected only reads in a reading transaction, saw a change");
  });
}

Result<void> ReadTransaction::insert(const Schema&, const Record&) { return refuse_change(); }
Result<void> ReadTransaction::update(const Schema&, const Record&) { return refuse_change(); }
Result<void> ReadTransaction::erase(const Schema&, const Record&) { return refuse_change(); }

Result<void> ReadTransaction::run(const ports::Work& work) {
  Result<void> result = work(*this);
  if (ended_) return std::unexpected(*ended_);
  return result;
}

Result<void> ReadTransaction::spend(std::size_t steps) {
  if (steps > steps_left_) {
    outgrown_ = true;
    return fail(Next::Retry, ports::kStoreBusy, "this read is too long for the writer's connection");
  }
  steps_left_ -= steps;
  return {};
}

Result<std::optional<Record>> ReadTransaction::row_with(const Schema& schema, const Record& key) {
  TRY(spend(1));
  Query query(TRY(
      connection_->prepared({.action = Action::Get, .schema = &schema}, [&] { return sql::get_text(schema, kMark); })));
  if (!TRY(step(query, key))) return std::optional<Record>();
  return std::optional(query.row());
}

Result<std::optional<Record>> ReadTransaction::get(const Schema& schema, const Record& key) {
  return unless_ended([&]() -> Result<std::optional<Record>> {
    TRY(require_key(schema, key));
    return row_with(schema, key);
  });
}

Result<void> ReadTransaction::walk(const Schema& schema, const sql::Stretch& stretch, std::size_t limit,
                                   std::vector<Record>& rows) {
  const StatementKey key{.action = Action::Scan, .schema = &schema, .shape = stretch.shape(), .mask = stretch.nulls};
  Query query(TRY(connection_->prepared(key, [&] { return sql::stretch_text(schema, stretch, kMark); })));
  for (const ports::Field& value : stretch.values) query.bind(value);
  query.bind(static_cast<std::int64_t>(limit));
  while (TRY(query.next())) {
    TRY(spend(1));
    rows.push_back(query.row());
  }
  return {};
}

Result<std::vector<Record>> ReadTransaction::scan(const Schema& schema, const ports::Scan& scan) {
  return unless_ended([&]() -> Result<std::vector<Record>> {
    const ports::Path path = TRY(path_of(schema, scan));
    std::vector<Record> rows;
    for (const sql::Stretch& stretch : sql::stretches_of(schema, path, scan)) {
      TRY(spend(1));
      if (rows.size() < scan.limit) TRY(walk(schema, stretch, scan.limit - rows.size(), rows));
    }
    return rows;
  });
}

Result<void> WriteTransaction::require_room() const {
  if (changes_.size() < ports::kWriteRowsMax) return {};
  return fail(Next::Exhausted, ports::kWriteTooLarge,
              cat("expected at most ", ports::kWriteRowsMax, " changed rows in a transaction, saw one more"));
}

Result<std::optional<Record>> WriteTransaction::get(const Schema& schema, const Record& key) {
  auto row = ReadTransaction::get(schema, key);
  if (row && *row) {
    seen_schema_ = &schema;
    seen_ = **row;
  }
  return row;
}

Result<std::optional<Record>> WriteTransaction::before(const Schema& schema, const Record& key) {
  if (std::exchange(seen_schema_, nullptr) == &schema && std::equal(key.begin(), key.end(), seen_.begin())) {
    return std::optional(std::move(seen_));
  }
  return row_with(schema, key);
}

Result<void> WriteTransaction::put_new(const Schema& schema, const Record& row) {
  Query query(TRY(connection().prepared({.action = Action::Insert, .schema = &schema},
                                        [&] { return sql::insert_text(schema, kMark); })));
  const auto result = step(query, row);
  if (result) return {};
  return result.error().reason == ports::kRowExists ? ports::row_exists(schema) : std::unexpected(result.error());
}

Result<void> WriteTransaction::put_changed(const Schema& schema, const Record& old, const Record& row) {
  std::uint64_t changed = 0;
  for (std::size_t i = schema.key_size; i < row.size(); ++i) {
    if (row[i] != old[i]) changed |= std::uint64_t{1} << i;
  }
  if (changed == 0) return {};
  Query query(TRY(connection().prepared({.action = Action::Update, .schema = &schema, .mask = changed},
                                        [&] { return sql::update_text(schema, changed, kMark); })));
  for (std::size_t i = schema.key_size; i < row.size(); ++i) {
    if ((changed >> i & 1) != 0) query.bind(row[i]);
  }
  for (std::size_t i = 0; i < schema.key_size; ++i) query.bind(row[i]);
  const auto result = query.next();
  if (result) return {};
  return result.error().reason == ports::kRowExists ? ports::row_exists(schema) : std::unexpected(result.error());
}

Result<void> WriteTransaction::remove(const Schema& schema, const Record& key) {
  Query query(TRY(connection().prepared({.action = Action::Erase, .schema = &schema},
                                        [&] { return sql::erase_text(schema, kMark); })));
  TRY(step(query, key));
  return {};
}

Result<void> WriteTransaction::insert(const Schema& schema, const Record& row) {
  return unless_ended([&]() -> Result<void> {
    TRY(require_room());
    TRY(require_row(schema, row));
    TRY(put_new(schema, row));
    changes_.push_back({&schema, key_of(schema, row), {}, false});
    return {};
  });
}

Result<void> WriteTransaction::update(const Schema& schema, const Record& row) {
  return unless_ended([&]() -> Result<void> {
    TRY(require_room());
    TRY(require_row(schema, row));
    auto old = TRY(before(schema, key_of(schema, row)));
    if (!old) return ports::row_missing(schema);
    TRY(put_changed(schema, *old, row));
    changes_.push_back({&schema, {}, std::move(old), false});
    return {};
  });
}

Result<void> WriteTransaction::erase(const Schema& schema, const Record& key) {
  return unless_ended([&]() -> Result<void> {
    TRY(require_room());
    TRY(require_key(schema, key));
    auto old = TRY(before(schema, key));
    if (!old) return ports::row_missing(schema);
    TRY(remove(schema, key));
    changes_.push_back({&schema, {}, std::move(old), true});
    return {};
  });
}

Result<void> WriteTransaction::take_back(const Change& change) {
  if (!change.before) return remove(*change.schema, change.key);
  if (change.erased) return put_new(*change.schema, *change.before);
  const auto now = TRY(row_with(*change.schema, key_of(*change.schema, *change.before)));
  if (!now) return ports::row_missing(*change.schema);
  return put_changed(*change.schema, *now, *change.before);
}

Result<void> WriteTransaction::take_back() {
  for (const Change& change : std::views::reverse(changes_)) TRY(take_back(change));
  changes_.clear();
  return {};
}

}  // namespace holdfast::linux::store::sqlite

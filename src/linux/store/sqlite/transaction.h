// ports::Transaction on a connection that has a transaction open.
// A write runs inside a transaction that it shares with other writes (the batch), so it takes its own changes back by
// doing the opposite of each in reverse order. A SAVEPOINT would do the same but copies every page that is touched:
// 2 to 5 µs on a write of 10.
#pragma once

#include <limits>
#include <optional>

#include "linux/store/sql/text.h"
#include "linux/store/sqlite/connection.h"

namespace holdfast::linux::store::sqlite {

class ReadTransaction : public ports::Transaction {
 public:
  static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

  /// Ends when it has done more than `steps_max` calls and rows; then outgrown() says so.
  explicit ReadTransaction(Connection& connection, std::size_t steps_max = kNoLimit)
      : connection_(&connection), steps_left_(steps_max) {}

  Result<void> insert(const ports::Schema& schema, const ports::Record& row) override;
  Result<void> update(const ports::Schema& schema, const ports::Record& row) override;
  Result<void> erase(const ports::Schema& schema, const ports::Record& key) override;
  Result<std::optional<ports::Record>> get(const ports::Schema& schema, const ports::Record& key) override;
  Result<std::vector<ports::Record>> scan(const ports::Schema& schema, const ports::Scan& scan) override;

  /// Runs the work; the failure that ended the transaction wins over what the work says.
  Result<void> run(const ports::Work& work);
  bool outgrown() const { return outgrown_; }

 protected:
  template <class Operation>
  auto unless_ended(Operation operation) -> decltype(operation());
  Result<std::optional<ports::Record>> row_with(const ports::Schema& schema, const ports::Record& key);
  Connection& connection() { return *connection_; }

 private:
  Result<void> refuse_change();
  Result<void> spend(std::size_t steps);
  Result<void> walk(const ports::Schema& schema, const sql::Stretch& stretch, std::size_t limit,
                    std::vector<ports::Record>& rows);

  Connection* connection_;
  std::size_t steps_left_;
  bool outgrown_ = false;
  std::optional<Error> ended_;
};

class WriteTransaction final : public ReadTransaction {
 public:
  using ReadTransaction::ReadTransaction;

  Result<void> insert(const ports::Schema& schema, const ports::Record& row) override;
  Result<void> update(const ports::Schema& schema, const ports::Record& row) override;
  Result<void> erase(const ports::Schema& schema, const ports::Record& key) override;
  Result<std::optional<ports::Record>> get(const ports::Schema& schema, const ports::Record& key) override;

  bool changed() const { return !changes_.empty(); }
  /// Undoes everything; an error leaves some of it undone.
  Result<void> take_back();

 private:
  struct Change {
    const ports::Schema* schema;
    ports::Record key;                    ///< of a row that was inserted; else empty
    std::optional<ports::Record> before;  ///< the row that was there
    bool erased;
  };

  Result<void> require_room() const;
  /// The stored row with this key, from what was read last where possible.
  Result<std::optional<ports::Record>> before(const ports::Schema& schema, const ports::Record& key);
  Result<void> put_new(const ports::Schema& schema, const ports::Record& row);
  Result<void> put_changed(const ports::Schema& schema, const ports::Record& old, const ports::Record& row);
  Result<void> remove(const ports::Schema& schema, const ports::Record& key);
  Result<void> take_back(const Change& change);

  std::vector<Change> changes_;
  const ports::Schema* seen_schema_ = nullptr;
  ports::Record seen_;  ///< the row that get() read last: what is updated was mostly just read
};

}  // namespace holdfast::linux::store::sqlite

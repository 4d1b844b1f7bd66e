#include "sim/store/memory_transaction.h"

#include "base/text.h"

namespace holdfast::sim::store {

using ports::Record;
using ports::Schema;

template <class Operation>
auto MemoryTransaction::unless_ended(Operation operation) -> decltype(operation()) {
  if (ended_) return std::unexpected(*ended_);
  auto result = operation();
  if (!result && !ports::leaves_transaction(result.error())) ended_ = result.error();
  return result;
}

Result<void> MemoryTransaction::require_change() const {
  if (changes_ == nullptr) {
    return fail(Next::Rejected, ports::kStoreReadOnly, "expected only reads in a reading transaction, saw a change");
  }
  if (changes_->size() >= ports::kWriteRowsMax) {
    return fail(Next::Exhausted, ports::kWriteTooLarge,
                cat("expected at most ", ports::kWriteRowsMax, " changed rows in a transaction, saw one more"));
  }
  return {};
}

void MemoryTransaction::change(const Schema& schema, const Record& key, std::optional<Record> row) {
  MemoryTable& table = store_->table(schema);
  changes_->push_back({&schema, key, table.find(key)});
  if (row) {
    table.put(*std::move(row));
  } else {
    table.remove(key);
  }
}

Result<void> MemoryTransaction::insert(const Schema& schema, const Record& row) {
  return unless_ended([&]() -> Result<void> {
    TRY(require_change());
    TRY(require_row(schema, row));
    const MemoryTable& table = store_->table(schema);
    const Record key = key_of(schema, row);
    if (table.find(key) || table.collides(row)) return ports::row_exists(schema);
    change(schema, key, row);
    return {};
  });
}

Result<void> MemoryTransaction::update(const Schema& schema, const Record& row) {
  return unless_ended([&]() -> Result<void> {
    TRY(require_change());
    TRY(require_row(schema, row));
    const MemoryTable& table = store_->table(schema);
    const Record key = key_of(schema, row);
    if (!table.find(key)) return ports::row_missing(schema);
    if (table.collides(row)) return ports::row_exists(schema);
    change(schema, key, row);
    return {};
  });
}

Result<void> MemoryTransaction::erase(const Schema& schema, const Record& key) {
  return unless_ended([&]() -> Result<void> {
    TRY(require_change());
    TRY(require_key(schema, key));
    if (!store_->table(schema).find(key)) return ports::row_missing(schema);
    change(schema, key, {});
    return {};
  });
}

Result<std::optional<Record>> MemoryTransaction::get(const Schema& schema, const Record& key) {
  return unless_ended([&]() -> Result<std::optional<Record>> {
    TRY(require_key(schema, key));
    return store_->table(schema).find(key);
  });
}

Result<std::vector<Record>> MemoryTransaction::scan(const Schema& schema, const ports::Scan& scan) {
  return unless_ended([&]() -> Result<std::vector<Record>> {
    const ports::Path path = TRY(path_of(schema, scan));
    return store_->table(schema).scan(path, scan);
  });
}

}  // namespace holdfast::sim::store

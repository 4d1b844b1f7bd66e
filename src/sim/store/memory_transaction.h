// A transaction on a MemoryStore, which is locked while it lives. It changes the tables at once and notes how to take
// each change back.
#pragma once

#include "sim/store/memory_store.h"

namespace holdfast::sim::store {

class MemoryTransaction final : public ports::Transaction {
 public:
  /// Without `changes` it only reads.
  MemoryTransaction(MemoryStore& store, std::vector<MemoryStore::Undo>* changes) : store_(&store), changes_(changes) {}

  Result<void> insert(const ports::Schema& schema, const ports::Record& row) override;
  Result<void> update(const ports::Schema& schema, const ports::Record& row) override;
  Result<void> erase(const ports::Schema& schema, const ports::Record& key) override;
  Result<std::optional<ports::Record>> get(const ports::Schema& schema, const ports::Record& key) override;
  Result<std::vector<ports::Record>> scan(const ports::Schema& schema, const ports::Scan& scan) override;

  /// The failure that ended it, if one did.
  const std::optional<Error>& ended() const { return ended_; }

 private:
  template <class Operation>
  auto unless_ended(Operation operation) -> decltype(operation());
  Result<void> require_change() const;
  void change(const ports::Schema& schema, const ports::Record& key, std::optional<ports::Record> row);

  MemoryStore* store_;
  std::vector<MemoryStore::Undo>* changes_;
  std::optional<Error> ended_;
};

}  // namespace holdfast::sim::store

// A store of which one sees at a glance that it is right, however slow: the yardstick of model_test.cc.
#pragma once

#include "ports/store/store.h"

namespace holdfast::contract {

/// One table: unordered rows, every question answered by looking at all of them.
class ModelTable {
 public:
  explicit ModelTable(const ports::Schema& schema) : schema_(&schema) {}

  /// Whether the change was made, by the port's rules.
  bool insert(const ports::Record& row);
  bool update(const ports::Record& row);
  bool erase(const ports::Record& key);
  std::optional<ports::Record> get(const ports::Record& key) const;
  std::vector<ports::Record> scan(const ports::Scan& scan) const;

 private:
  bool collides(const ports::Record& row) const;

  const ports::Schema* schema_;
  std::vector<ports::Record> rows_;
};

}  // namespace holdfast::contract

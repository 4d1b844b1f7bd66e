// One table in memory: rows in the order of their key, and for every index the same rows in its order. Knows nothing of
// transactions; every change can be taken back exactly by put() and remove().
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "ports/store/shape.h"

namespace holdfast::sim::store {

/// The first fields of records that are looked for.
struct Prefix {
  const ports::Record& fields;
};

struct FieldOrder {
  using is_transparent = void;
  bool operator()(const ports::Record& a, const ports::Record& b) const { return a < b; }
  bool operator()(const ports::Record& record, Prefix prefix) const;
  bool operator()(Prefix prefix, const ports::Record& record) const;
};

class MemoryTable {
 public:
  explicit MemoryTable(const ports::Schema& schema);

  std::optional<ports::Record> find(const ports::Record& key) const;
  /// Whether another row than the one with this row's key has its values in a unique index; NULL never collides.
  bool collides(const ports::Record& row) const;
  void put(ports::Record row);  ///< inserts or replaces
  void remove(const ports::Record& key);
  std::vector<ports::Record> scan(const ports::Path& path, const ports::Scan& scan) const;

 private:
  ports::Schema schema_;
  std::map<ports::Record, ports::Record, FieldOrder> rows_;   ///< by key
  std::vector<std::set<ports::Record, FieldOrder>> entries_;  ///< per index: the fields of order_of()
};

}  // namespace holdfast::sim::store

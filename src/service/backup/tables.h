// The tables of a database as this version knows them, and rows of older versions brought to their shape.
#pragma once

#include "ports/store/schema.h"
#include "service/backup/archive.h"

namespace holdfast::service::backup {

inline constexpr Reason kTableUnknown{"table-unknown"};

/// Each table's newest schema, in the order of migrations.
const std::vector<const ports::Schema*>& tables();
std::int64_t newest_migration();

/// What puts the rows of an archived table into the order of its schema. Rejected (kTableUnknown) where this version
/// knows no such table or column.
class Layout {
 public:
  static Result<Layout> of(const TableBegins& table);
  const ports::Schema& schema() const { return *schema_; }
  /// Columns that the archive lacks are NULL.
  Result<ports::Record> arranged(ports::Record row) const;

 private:
  const ports::Schema* schema_ = nullptr;
  std::vector<std::size_t> places_;  ///< of the archived columns
};

}  // namespace holdfast::service::backup

// The database's shape as numbered steps, each in one transaction, never changed once released. A step only adds, so
// that old and new programs can share a database while they are exchanged, and changes one table at most, so that who
// uses two of them in another order is never held up for good.
#pragma once

#include "base/result.h"
#include "ports/store/schema.h"

namespace holdfast::ports {

inline constexpr Reason kMigrationsBroken{"migrations-broken"};

struct CreateTable {
  const Schema* schema;  ///< with its indexes, as of this step
};
struct AddColumn {
  const Schema* schema;
  std::size_t column;  ///< nullable, at the end
};
struct AddIndex {
  const Schema* schema;
  std::size_t index;
};
using MigrationStep = std::variant<CreateTable, AddColumn, AddIndex>;

struct Migration {
  int number;  ///< from 1, without gaps
  std::string_view what;
  std::vector<MigrationStep> steps;
};

/// All of them, oldest first.
const std::vector<Migration>& migrations();

/// Those of `known` that a database still needs, where it has the numbers `applied` (ascending). Numbers above the last
/// known one are a newer program's and harmless, since steps only add; a gap below is Corrupt.
Result<std::vector<const Migration*>> missing_migrations(const std::vector<Migration>& known,
                                                         const std::vector<std::int64_t>& applied);

}  // namespace holdfast::ports

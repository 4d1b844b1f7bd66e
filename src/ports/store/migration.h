// The database's shape as numbered steps, each in one transaction, never changed once released. A step only adds, so
// that old and new programs can share a database while they are exchanged.
#pragma once

#include "ports/store/schema.h"

namespace holdfast::ports {

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

}  // namespace holdfast::ports

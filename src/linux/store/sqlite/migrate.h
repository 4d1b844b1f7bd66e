// Brings a database to the newest migration that this program knows: each in one transaction, noted in the table
// `schema_migrations`, safe when several processes do it at once.
#pragma once

#include "linux/store/sql/definition.h"
#include "linux/store/sqlite/connection.h"
#include "ports/store/migration.h"

namespace holdfast::linux::store::sqlite {

/// STRICT tables. A table of nothing but numbers beside its key is kept in the order of the key (WITHOUT ROWID); one
/// with text or blobs is not, because SQLite would put whole rows into the inner pages of the tree.
const sql::Dialect& dialect();

Result<void> migrate(Connection& connection, const std::vector<ports::Migration>& known);

}  // namespace holdfast::linux::store::sqlite

// Brings a database to the newest migration that this program knows: each in one transaction, noted in the table
// `schema_migrations`, safe when several processes do it at once.
#pragma once

#include "linux/store/sqlite/connection.h"
#include "ports/store/migration.h"

namespace holdfast::linux::store::sqlite {

Result<void> migrate(Connection& connection, const std::vector<ports::Migration>& known);

/// STRICT tables. A table of nothing but numbers beside its key is kept in the order of the key (WITHOUT ROWID); one
/// with text or blobs is not, because SQLite would put whole rows into the inner pages of the tree.
std::string create_table_text(const ports::Schema& schema);
/// The key follows the columns of an index that is not unique, so that rows with the same values come in its order.
std::string create_index_text(const ports::Schema& schema, const ports::Index& index);
std::string add_column_text(const ports::Schema& schema, std::size_t column);

}  // namespace holdfast::linux::store::sqlite

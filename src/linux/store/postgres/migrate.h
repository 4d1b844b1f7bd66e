// Brings a database to the newest migration that this program knows: each in one transaction, noted in the table
// `schema_migrations`, safe when several processes do it at once and while older ones go on working.
#pragma once

#include "linux/store/postgres/session.h"
#include "linux/store/sql/definition.h"
#include "ports/store/migration.h"

namespace holdfast::linux::store::postgres {

const sql::Dialect& dialect();

Result<void> migrate(Session& session, const std::vector<ports::Migration>& known);

}  // namespace holdfast::linux::store::postgres

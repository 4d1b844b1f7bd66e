// The SQL of migrations, made from schemas, with what engines say differently as an argument.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "ports/store/migration.h"

namespace holdfast::linux::store::sql {

struct Dialect {
  std::array<std::string_view, 3> kinds;                      ///< by ports::FieldKind; two texts compare by their bytes
  bool nulls_first;                                           ///< whether an index has to be told that NULL comes first
  std::string (*table_options)(const ports::Schema& schema);  ///< what follows the columns
};

std::string create_table_text(const ports::Schema& schema, const Dialect& dialect);
/// The key follows the columns of an index that is not unique, so that rows with the same values come in its order.
std::string create_index_text(const ports::Schema& schema, const ports::Index& index, const Dialect& dialect);
std::string add_column_text(const ports::Schema& schema, std::size_t column, const Dialect& dialect);

/// The statements of a step, in their order.
std::vector<std::string> texts_of(const ports::MigrationStep& step, const Dialect& dialect);

/// The table in which migrations are noted; made where it is missing.
std::string create_notes_text(const Dialect& dialect);
std::string read_notes_text();
std::string note_text(const ports::Migration& migration);

}  // namespace holdfast::linux::store::sql

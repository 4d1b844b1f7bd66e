// The SQL that every SQL engine runs for the calls of ports::Transaction, made from a Schema alone. Names are quoted;
// values are always parameters, numbered in the order in which they are said to come.
// A scan becomes stretches: each fixes the first columns of an index, bounds at most the next one and comes in the
// index's order, so that a database answers it by walking the index, NULLs and page cursors included.
#pragma once

#include <string>
#include <vector>

#include "ports/store/shape.h"

namespace holdfast::linux::store::sql {

/// How the n-th parameter is written: `?n` for SQLite, `$n` for PostgreSQL.
enum class Mark : char { Question = '?', Dollar = '$' };

std::string quoted(std::string_view name);

std::string insert_text(const ports::Schema& schema, Mark mark);  ///< parameters: the row
/// Parameters: the columns whose bit is set in `changed`, then the key. Only what changed is set, since a database
/// rewrites the index of every column that is named.
std::string update_text(const ports::Schema& schema, std::uint64_t changed, Mark mark);
std::string erase_text(const ports::Schema& schema, Mark mark);  ///< parameters: the key
std::string get_text(const ports::Schema& schema, Mark mark);    ///< parameters: the key

enum class Bound { None, Above, Below, NotNull };

struct Stretch {
  std::size_t index;               ///< as in ports::Path
  std::vector<std::size_t> order;  ///< as Path::columns
  std::size_t fixed;               ///< the first columns of `order` that have one value
  std::uint64_t nulls;             ///< which of those are NULL
  Bound bound;                     ///< of the column after the fixed ones
  bool descending;
  ports::Record values;  ///< of the fixed columns that are not NULL, then of the bound

  /// Of one schema, stretches with the same shape and the same `nulls` have the same text.
  std::uint32_t shape() const;
};

/// To be walked one after the other until the limit is reached.
std::vector<Stretch> stretches_of(const ports::Schema& schema, const ports::Path& path, const ports::Scan& scan);

/// Parameters: `stretch.values`, then the limit. Columns come in the order of the schema.
std::string stretch_text(const ports::Schema& schema, const Stretch& stretch, Mark mark);

}  // namespace holdfast::linux::store::sql

// How a table looks to every engine. Rows cross as records of plain fields; Table<Row> (table.h) gives them types.
// Engines know nothing else: a new table is a struct and a migration, and works on SQLite, PostgreSQL and in
// simulation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace holdfast::ports {

inline constexpr std::size_t kColumnsMax = 64;
inline constexpr std::size_t kFieldBytesMax = 4 * 1024 * 1024;
inline constexpr std::size_t kIndexedBytesMax = 512;  ///< of a field in a key or an index

enum class FieldKind { Integer, Text, Blob };

/// monostate is NULL. Text is well-formed UTF-8 without a NUL, so that every engine can hold it.
using Field = std::variant<std::monostate, std::int64_t, std::string, Blob>;
using Record = std::vector<Field>;

struct Column {
  std::string_view name;
  FieldKind kind;
  bool nullable = false;
};

struct Index {
  std::string_view name;             ///< unique in the database
  std::vector<std::size_t> columns;  ///< positions
  bool unique = false;               ///< rows with a NULL in the index never collide
};

/// Lives as long as the stores that saw it: engines remember its address.
struct Schema {
  std::string_view table;
  std::vector<Column> columns;
  std::size_t key_size;  ///< the first `key_size` columns are the primary key
  std::vector<Index> indexes;
};

}  // namespace holdfast::ports

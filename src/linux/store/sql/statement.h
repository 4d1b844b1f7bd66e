// What tells a prepared statement from another without its text.
#pragma once

#include <cstdint>

#include "ports/store/schema.h"

namespace holdfast::linux::store::sql {

enum class Action : std::uint32_t { Begin, BeginRead, Commit, Rollback, Insert, Update, Erase, Get, Scan };

/// What two statements with the same text have in common.
struct StatementKey {
  Action action;
  const ports::Schema* schema = nullptr;
  std::uint32_t shape = 0;  ///< of a stretch
  std::uint64_t mask = 0;   ///< changed columns of an update, NULLs of a stretch
  friend bool operator==(const StatementKey&, const StatementKey&) = default;
};

struct StatementHash {
  std::size_t operator()(const StatementKey& key) const;
};

}  // namespace holdfast::linux::store::sql

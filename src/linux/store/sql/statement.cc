#include "linux/store/sql/statement.h"

namespace holdfast::linux::store::sql {

std::size_t StatementHash::operator()(const StatementKey& key) const {
  std::size_t hash = reinterpret_cast<std::size_t>(key.schema);
  for (const std::uint64_t part : {std::uint64_t{static_cast<std::uint32_t>(key.action)} << 32 | key.shape, key.mask}) {
    hash = (hash ^ part) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace holdfast::linux::store::sql

// A catalog that is being taken over from another service.
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

struct ImportRow {
  std::string catalog;
  Blob statement;                    ///< the owner's, about the whole archive
  std::int64_t remaining_pages = 0;  ///< numbers the next page that is taken
  Digest256 expected{};              ///< its SHA-256
  std::string began_by;
  WallTime began_at;

  static const Schema& schema();
  auto fields() { return std::tie(catalog, statement, remaining_pages, expected, began_by, began_at); }
  auto fields() const { return std::tie(catalog, statement, remaining_pages, expected, began_by, began_at); }
};

extern template class Table<ImportRow>;

}  // namespace holdfast::ports

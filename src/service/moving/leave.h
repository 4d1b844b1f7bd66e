// The old house: a catalog that leaves changes no more, so that what is read of it page by page is one state. Its
// devices still check in and are told by a trust policy where it lives now, and its revocation lists go on.
#pragma once

#include "service/deps.h"
#include "service/moving/page.h"

namespace holdfast::service::moving {

inline constexpr Reason kNotLeft{"catalog-not-left"};
inline constexpr Reason kCursorMalformed{"cursor-malformed"};

/// From Ready; again is as good as once.
Result<void> leave(ports::Transaction& tx, std::string_view catalog, const Caller& by, WallTime now);
/// Back to Ready, for who thought better of it.
Result<void> come_back(ports::Transaction& tx, std::string_view catalog, const Caller& by, WallTime now);

struct ExportedRows {
  const ports::Schema* schema = nullptr;  ///< null: there is no more
  std::vector<ports::Record> rows;
  std::string next;  ///< cursor of the page behind; empty behind the last
};

/// Rows behind a cursor; an empty cursor is the beginning.
Result<ExportedRows> export_rows(ports::Transaction& tx, std::string_view catalog, std::string_view cursor);

}  // namespace holdfast::service::moving

// What every engine asks of a row, a key and a scan before it looks at them, and the order in which a scan walks: so
// that all engines refuse alike and page alike.
// Refuses with Rejected: another number of columns, another kind, NULL where there is none, text that is not UTF-8 or
// has a NUL, a field too long for its column or an index, an index that does not exist, a cursor from another scan.
// Cursors come from clients, so this is input.
#pragma once

#include "base/result.h"
#include "ports/store/store.h"

namespace holdfast::ports {

inline constexpr Reason kRowMalformed{"row-malformed"};
inline constexpr Reason kScanMalformed{"scan-malformed"};

Result<void> require_row(const Schema& schema, const Record& row);
Result<void> require_key(const Schema& schema, const Record& key);

Record key_of(const Schema& schema, const Record& row);

std::unexpected<Error> row_exists(const Schema& schema);
std::unexpected<Error> row_missing(const Schema& schema);
/// Whether a transaction goes on after this error: it was one of the two above.
bool leaves_transaction(const Error& error);

/// Where a scan walks and from where.
struct Path {
  std::size_t index;                 ///< position among the schema's indexes, or kPrimaryKey
  std::vector<std::size_t> columns;  ///< a total order of rows: the index's columns, then the key's that it lacks
  Record after;                      ///< a value for each of `columns`; empty: from the beginning
};
inline constexpr std::size_t kPrimaryKey = 255;

Result<Path> path_of(const Schema& schema, const Scan& scan);

/// The columns of a total order by this index, and those that Scan::after holds: the index's, then the whole key.
std::vector<std::size_t> order_of(const Schema& schema, std::size_t index);

/// What Scan::after takes to go on behind `row` in `index` (empty: the primary key): the index's columns, then the
/// key's; for the primary key just the key. An index that does not exist is a bug.
Record cursor(const Schema& schema, std::string_view index, const Record& row);

}  // namespace holdfast::ports

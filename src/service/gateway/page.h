// One page of a list: the rows of a scan that a filter wants, up to a limit, and where the next page goes on.
#pragma once

#include <algorithm>

#include "service/gateway/answers.h"

namespace holdfast::service::gateway {

inline constexpr std::size_t kStepsPerPageMax = 10;  ///< scans until a page is answered with what was found

/// What a filter says of a row: End where no row behind it can fit.
enum class Fit { No, Yes, End };
constexpr Fit fit_of(bool fits) { return fits ? Fit::Yes : Fit::No; }
constexpr Fit fit_of(Fit fit) { return fit; }

/// `after` and `next` of a list: an opaque text that holds the last row's place.
std::string cursor_text(const ports::Record& place);
/// Input: what a client sends as `after`. Its place is checked by the scan.
Result<ports::Record> parse_cursor(std::string_view text);

template <class Row>
struct Page {
  json::Array items;
  std::optional<Row> last;  ///< the next page goes on behind this row; none: this was the last page
};

/// `scan` says from where; `fits` which rows, as a bool or a Fit; `show` is their JSON. A page may have fewer than
/// `limit` items, or none, and yet not be the last.
template <class Row, class Fits, class Show>
Result<Page<Row>> fill_page(ports::Transaction& tx, ports::Scan scan, std::size_t limit, std::size_t rows_per_step,
                            Fits fits, Show show) {
  Page<Row> out;
  scan.limit = limit + 1;
  for (std::size_t step = 0; step < kStepsPerPageMax; ++step) {
    const auto rows = TRY(ports::Table<Row>(tx).scan(scan));
    for (const Row& row : rows) {
      const Fit fit = fit_of(fits(row));
      if (fit == Fit::End) return Page<Row>{std::move(out.items), {}};
      if (fit == Fit::No) continue;
      if (out.items.size() == limit) return out;
      Result<json::Value> item = show(row);
      if (!item) return std::unexpected(std::move(item).error());
      out.items.push_back(*std::move(item));
      out.last = row;
    }
    if (rows.size() < scan.limit) return Page<Row>{std::move(out.items), {}};
    out.last = rows.back();
    scan.after = ports::Table<Row>::cursor(scan.index, rows.back());
    scan.limit = rows_per_step;
  }
  return out;
}

/// A page as the query's `limit` and `after` ask for it.
template <class Row, class Fits, class Show>
Result<Response> list_page(const Call& call, ports::Transaction& tx, ports::Scan scan, Fits fits, Show show,
                           std::int64_t limit_max = kPageMax) {
  const auto limit =
      static_cast<std::size_t>(TRY(call.query_integer("limit", std::min(kPageDefault, limit_max), 1, limit_max)));
  if (const std::string after = call.query("after"); !after.empty()) scan.after = TRY(parse_cursor(after));
  auto page = TRY(fill_page<Row>(tx, scan, limit, static_cast<std::size_t>(limit_max), fits, show));
  std::optional<std::string> next;
  if (page.last) next = cursor_text(ports::Table<Row>::cursor(scan.index, *page.last));
  return list_response(std::move(page.items), std::move(next));
}

/// For lists without a filter.
inline constexpr auto kEveryRow = [](const auto&) { return true; };

}  // namespace holdfast::service::gateway

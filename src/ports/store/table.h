// A typed view of one table. A row is a plain struct with
//   static const Schema& schema();
//   auto fields() { return std::tie(member, …); }        // in the order of the columns; also const
// and members as in record.h. Its header says `extern template class Table<Row>`, its .cc includes table_codec.h and
// instantiates it: rows are read and written in many places and compiled in one.
#pragma once

#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "ports/store/record.h"
#include "ports/store/store.h"

namespace holdfast::ports {

inline constexpr Reason kRowCorrupt{"row-corrupt"};

template <class Row>
class Table {
 public:
  explicit Table(Transaction& tx) : tx_(&tx) {}

  Result<void> insert(const Row& row);
  Result<void> update(const Row& row);

  template <class... Key>
  Result<void> erase(const Key&... key) {
    return tx_->erase(Row::schema(), record_of(key...));
  }

  template <class... Key>
  Result<std::optional<Row>> find(const Key&... key) {
    return get(record_of(key...));
  }

  /// What Scan::after takes to go on behind `row`.
  static Record cursor(std::string_view index, const Row& row);

  Result<std::vector<Row>> scan(const Scan& scan);

  /// The only row that an index has for these values.
  template <class... Values>
  Result<std::optional<Row>> find_by(std::string_view index, const Values&... values) {
    return first({.index = index, .prefix = record_of(values...), .limit = 1});
  }

 private:
  Result<std::optional<Row>> get(const Record& key);
  Result<std::optional<Row>> first(const Scan& one);

  Transaction* tx_;
};

}  // namespace holdfast::ports

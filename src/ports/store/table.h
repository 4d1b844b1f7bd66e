// A typed view of one table. A row is a plain struct with
//   static const Schema& schema();
//   auto fields() { return std::tie(member, …); }        // in the order of the columns; also const
// Members: std::string, Blob, ByteArray<N>, bool, integers, enums, WallTime, and std::optional of these.
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "base/time.h"
#include "ports/store/shape.h"
#include "ports/store/store.h"

namespace holdfast::ports {

inline constexpr Reason kRowCorrupt{"row-corrupt"};

namespace row {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_byte_array = false;
template <std::size_t N>
inline constexpr bool is_byte_array<ByteArray<N>> = true;

template <class T>
Field to_field(const T& value) {
  if constexpr (is_optional<T>) {
    return value ? to_field(*value) : Field();
  } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, Blob>) {
    return value;
  } else if constexpr (is_byte_array<T>) {
    return Blob(value.begin(), value.end());
  } else if constexpr (std::is_same_v<T, WallTime>) {
    return value.ms;
  } else {
    static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
    return static_cast<std::int64_t>(value);
  }
}

template <class T>
bool from_field(const Field& field, T& value) {
  if constexpr (is_optional<T>) {
    if (std::holds_alternative<std::monostate>(field)) {
      value.reset();
      return true;
    }
    return from_field(field, value.emplace());
  } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, Blob>) {
    const T* held = std::get_if<T>(&field);
    if (held != nullptr) value = *held;
    return held != nullptr;
  } else if constexpr (is_byte_array<T>) {
    const Blob* held = std::get_if<Blob>(&field);
    if (held == nullptr || held->size() != value.size()) return false;
    std::copy(held->begin(), held->end(), value.begin());
    return true;
  } else {
    const std::int64_t* held = std::get_if<std::int64_t>(&field);
    if (held == nullptr) return false;
    if constexpr (std::is_same_v<T, WallTime>) {
      value = WallTime{*held};
    } else {
      if constexpr (std::is_same_v<T, bool>) {
        if (*held != 0 && *held != 1) return false;
      } else if constexpr (std::is_integral_v<T> && sizeof(T) < sizeof(std::int64_t)) {
        if (!std::in_range<T>(*held)) return false;
      }
      value = static_cast<T>(*held);
    }
    return true;
  }
}

}  // namespace row

template <class Row>
Record to_record(const Row& row) {
  return std::apply([](const auto&... members) { return Record{row::to_field(members)...}; }, row.fields());
}

template <class Row>
Result<Row> from_record(const Record& record) {
  Row out{};
  auto members = out.fields();
  if (record.size() != std::tuple_size_v<decltype(members)>) {
    return fail(Next::Corrupt, kRowCorrupt, "a stored row has another number of columns than this version expects");
  }
  const bool whole = [&]<std::size_t... I>(std::index_sequence<I...>) {
    return (row::from_field(record[I], std::get<I>(members)) && ...);
  }(std::make_index_sequence<std::tuple_size_v<decltype(members)>>());
  if (whole) return out;
  return fail(
      Next::Corrupt, kRowCorrupt,
      std::string("a stored row of ").append(Row::schema().table) + " has a column of another kind or out of range");
}

template <class... Values>
Record record_of(const Values&... values) {
  const auto widen = []<class T>(const T& value) -> Field {
    if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      return std::string(std::string_view(value));
    } else {
      return row::to_field(value);
    }
  };
  return Record{widen(values)...};
}

template <class Row>
class Table {
 public:
  explicit Table(Transaction& tx) : tx_(&tx) {}

  Result<void> insert(const Row& row) { return tx_->insert(Row::schema(), to_record(row)); }
  Result<void> update(const Row& row) { return tx_->update(Row::schema(), to_record(row)); }

  template <class... Key>
  Result<void> erase(const Key&... key) {
    return tx_->erase(Row::schema(), record_of(key...));
  }

  template <class... Key>
  Result<std::optional<Row>> find(const Key&... key) {
    const auto record = TRY(tx_->get(Row::schema(), record_of(key...)));
    if (!record) return std::optional<Row>();
    return std::optional<Row>(TRY(from_record<Row>(*record)));
  }

  /// What Scan::after takes to go on behind `row`.
  static Record cursor(std::string_view index, const Row& row) {
    return ports::cursor(Row::schema(), index, to_record(row));
  }

  Result<std::vector<Row>> scan(const Scan& scan) {
    std::vector<Row> rows;
    for (const Record& record : TRY(tx_->scan(Row::schema(), scan))) rows.push_back(TRY(from_record<Row>(record)));
    return rows;
  }

  /// The only row that an index has for these values.
  template <class... Values>
  Result<std::optional<Row>> find_by(std::string_view index, const Values&... values) {
    auto rows = TRY(scan({.index = index, .prefix = record_of(values...), .after = {}, .limit = 1}));
    if (rows.empty()) return std::optional<Row>();
    return std::optional<Row>(std::move(rows.front()));
  }

 private:
  Transaction* tx_;
};

}  // namespace holdfast::ports

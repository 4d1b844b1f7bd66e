// How rows become records and come back: for the .cc that instantiates a Table. A record of another shape than its row
// is Corrupt (kRowCorrupt), never guessed at.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"
#include "ports/store/shape.h"
#include "ports/store/table.h"

namespace holdfast::ports {

/// A table as a later step made it.
inline Schema with_column(Schema schema, const Column& column) {
  schema.columns.push_back(column);
  return schema;
}

namespace row {

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
  } else if constexpr (is_bytes<T>) {
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
  return std::apply([](const auto&... members) { return record_of(members...); }, row.fields());
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

template <class Row>
Result<void> Table<Row>::insert(const Row& row) {
  return tx_->insert(Row::schema(), to_record(row));
}

template <class Row>
Result<void> Table<Row>::update(const Row& row) {
  return tx_->update(Row::schema(), to_record(row));
}

template <class Row>
Record Table<Row>::cursor(std::string_view index, const Row& row) {
  return ports::cursor(Row::schema(), index, to_record(row));
}

template <class Row>
Result<std::vector<Row>> Table<Row>::scan(const Scan& scan) {
  std::vector<Row> rows;
  for (const Record& record : TRY(tx_->scan(Row::schema(), scan))) rows.push_back(TRY(from_record<Row>(record)));
  return rows;
}

template <class Row>
Result<std::optional<Row>> Table<Row>::get(const Record& key) {
  const auto record = TRY(tx_->get(Row::schema(), key));
  if (!record) return std::optional<Row>();
  return std::optional<Row>(TRY(from_record<Row>(*record)));
}

template <class Row>
Result<std::optional<Row>> Table<Row>::first(const Scan& one) {
  auto rows = TRY(scan(one));
  if (rows.empty()) return std::optional<Row>();
  return std::optional<Row>(std::move(rows.front()));
}

}  // namespace holdfast::ports

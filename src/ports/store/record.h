// Records from typed values: std::string, Blob, ByteArray<N>, bool, integers, enums, WallTime, and std::optional of
// these.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "base/time.h"
#include "ports/store/schema.h"

namespace holdfast::ports {

void append_null(Record& record);
void append_integer(Record& record, std::int64_t value);
void append_text(Record& record, std::string_view value);
void append_blob(Record& record, Bytes value);

namespace row {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_bytes = false;
template <>
inline constexpr bool is_bytes<Blob> = true;
template <std::size_t N>
inline constexpr bool is_bytes<ByteArray<N>> = true;

}  // namespace row

template <class T>
void append(Record& record, const T& value) {
  if constexpr (row::is_optional<T>) {
    value ? append(record, *value) : append_null(record);
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    append_text(record, value);
  } else if constexpr (row::is_bytes<T>) {
    append_blob(record, value);
  } else if constexpr (std::is_same_v<T, WallTime>) {
    append_integer(record, value.ms);
  } else {
    static_assert(std::is_integral_v<T> || std::is_enum_v<T>);
    append_integer(record, static_cast<std::int64_t>(value));
  }
}

template <class... Values>
Record record_of(const Values&... values) {
  Record out;
  out.reserve(sizeof...(values));
  (append(out, values), ...);
  return out;
}

}  // namespace holdfast::ports

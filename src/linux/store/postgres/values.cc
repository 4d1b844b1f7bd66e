#include "linux/store/postgres/values.h"

#include <libpq-fe.h>

#include <bit>
#include <cstring>

namespace holdfast::linux::store::postgres {
namespace {

/// Of PostgreSQL's catalog pg_type.
constexpr Oid kBytea = 17;
constexpr Oid kBigint = 20;

std::uint64_t swapped(std::uint64_t value) {
  return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
}

std::array<char, sizeof(std::int64_t)> big_endian(std::int64_t value) {
  return std::bit_cast<std::array<char, sizeof value>>(swapped(static_cast<std::uint64_t>(value)));
}

ports::Field field_of(const PGresult& result, int row, int column) {
  if (PQgetisnull(&result, row, column) == 1) return {};
  const char* value = PQgetvalue(&result, row, column);
  const auto size = static_cast<std::size_t>(PQgetlength(&result, row, column));
  switch (PQftype(&result, column)) {
    case kBigint: {
      std::uint64_t number = 0;
      std::memcpy(&number, value, sizeof number);
      return static_cast<std::int64_t>(swapped(number));
    }
    case kBytea: return to_blob(as_bytes(std::string_view(value, size)));
    default: return std::string(value, size);
  }
}

}  // namespace

Parameters::Parameters(const ports::Record& values) {
  numbers_.reserve(values.size());  // what was pointed to stays where it is
  for (const ports::Field& field : values) {
    std::string_view bytes;
    if (const auto* number = std::get_if<std::int64_t>(&field)) {
      const auto& kept = numbers_.emplace_back(big_endian(*number));
      bytes = {kept.data(), kept.size()};
    } else if (const auto* text = std::get_if<std::string>(&field)) {
      bytes = *text;
    } else if (const auto* blob = std::get_if<Blob>(&field)) {
      // An empty vector may have no address, and no address would be NULL.
      bytes = blob->empty() ? std::string_view("")
                            : std::string_view(reinterpret_cast<const char*>(blob->data()), blob->size());
    }
    values_.push_back(bytes.data());
    sizes_.push_back(static_cast<int>(bytes.size()));
    formats_.push_back(1);
  }
}

void append_rows(const PGresult& result, std::vector<ports::Record>& rows) {
  const int columns = PQnfields(&result);
  for (int row = 0; row < PQntuples(&result); ++row) {
    ports::Record& record = rows.emplace_back();
    record.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) record.push_back(field_of(result, row, column));
  }
}

}  // namespace holdfast::linux::store::postgres

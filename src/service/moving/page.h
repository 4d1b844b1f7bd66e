// A page of an exported catalog (docs/moving.md): rows of one table as JSON, every table that is exported named here.
// Private keys are not among what a page can hold.
#pragma once

#include "base/json/value.h"
#include "ports/store/schema.h"
#include "service/request.h"

namespace holdfast::service::moving {

inline constexpr Reason kPageMalformed{"page-malformed"};
inline constexpr Reason kPageWrong{"page-wrong"};  ///< not the one that the owner signed for

inline constexpr std::size_t kPageRowsMax = 500;
inline constexpr std::size_t kPageBytesMax = 768 * 1024;

/// In the order of pages. Taken the other way round, so that no certificate is there before everything that it opens.
const std::vector<const ports::Schema*>& exported_tables();
/// What stays: what this service's keys seal, what lives for a minute, what follows from the rest, and what is not a
/// catalog's.
const std::vector<const ports::Schema*>& tables_that_stay();

/// What leaves of a row: of a key everything but its private half.
Result<ports::Record> exported(const ports::Schema& schema, ports::Record row);

json::Value to_json(const ports::Field& field);

struct Page {
  std::int64_t number = 1;
  Digest256 previous{};  ///< SHA-256 of page `number` - 1; zeros before the first
  const ports::Schema* schema = nullptr;
  std::vector<ports::Record> rows;
};

/// Refuses rows of another catalog, tables that are not exported, and private keys.
Result<Page> parse_page(Bytes body, std::string_view catalog);

}  // namespace holdfast::service::moving

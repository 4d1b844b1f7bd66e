// Fields as PostgreSQL's binary parameters and back: bigint as eight bytes, the highest first; text and bytea as they
// are.
#pragma once

#include <array>
#include <vector>

#include "ports/store/schema.h"

struct pg_result;

namespace holdfast::linux::store::postgres {

/// Views of `values`, which must stay where they are.
class Parameters {
 public:
  explicit Parameters(const ports::Record& values);
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* sizes() const { return sizes_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  std::vector<std::array<char, sizeof(std::int64_t)>> numbers_;
  std::vector<const char*> values_;
  std::vector<int> sizes_;
  std::vector<int> formats_;
};

void append_rows(const pg_result& result, std::vector<ports::Record>& rows);

}  // namespace holdfast::linux::store::postgres

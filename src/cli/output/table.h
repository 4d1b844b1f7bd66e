// Lists and records for people: columns that line up, and no byte in them that a terminal would act upon, whoever it
// came from.
#pragma once

#include <string>
#include <vector>

#include "base/json/value.h"

namespace holdfast::cli {

inline constexpr std::size_t kCellBytesMax = 400;

class Table {
 public:
  explicit Table(std::vector<std::string> headings) : rows_{std::move(headings)} {}

  /// As many cells as there are headings; untrusted text.
  void add(std::vector<std::string> cells);
  /// Headings and rows, each line with a newline and without trailing spaces.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// A value in one line: text as it is, a list with commas, an object as `name=value`; `-` for nothing.
std::string in_words(const json::Value* value);

}  // namespace holdfast::cli

#include "cli/output/table.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace holdfast::cli {
namespace {

constexpr std::string_view kNothing = "-";
constexpr std::size_t kGap = 2;

/// Characters, not bytes: UTF-8 continuation bytes take no room.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  CHECK_INVARIANT(cells.size() == rows_.front().size());
  for (std::string& cell : cells) cell = cell.empty() ? kNothing : printable(cell, kCellBytesMax);
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - width_of(row[i]) + kGap, ' ');
    }
    out += '\n';
  }
  return out;
}

std::string in_words(const json::Value* value) {
  if (value == nullptr || value->is_null()) return std::string(kNothing);
  if (const std::string* text = value->text()) return *text;
  std::vector<std::string> parts;
  if (const json::Array* items = value->array()) {
    for (const json::Value& item : *items) parts.push_back(in_words(&item));
    return parts.empty() ? std::string(kNothing) : join(parts, ", ");
  }
  if (const json::Object* members = value->object()) {
    for (const auto& [name, member] : *members) parts.push_back(cat(name, "=", in_words(&member)));
    return join(parts, " ");
  }
  return json::dump(*value);
}

}  // namespace holdfast::cli

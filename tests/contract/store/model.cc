#include "contract/store/model.h"

#include <algorithm>

#include "ports/store/shape.h"

namespace holdfast::contract {

using ports::Record;

namespace {

Record project(const Record& row, const std::vector<std::size_t>& columns) {
  Record out;
  for (const std::size_t column : columns) out.push_back(row[column]);
  return out;
}

bool has_null(const Record& record) {
  return std::ranges::any_of(record, [](const ports::Field& field) { return field.index() == 0; });
}

}  // namespace

bool ModelTable::collides(const Record& row) const {
  return std::ranges::any_of(rows_, [&](const Record& other) {
    if (key_of(*schema_, other) == key_of(*schema_, row)) return false;
    return std::ranges::any_of(schema_->indexes, [&](const ports::Index& index) {
      const Record values = project(row, index.columns);
      return index.unique && !has_null(values) && values == project(other, index.columns);
    });
  });
}

bool ModelTable::insert(const Record& row) {
  if (get(key_of(*schema_, row)) || collides(row)) return false;
  rows_.push_back(row);
  return true;
}

bool ModelTable::update(const Record& row) {
  const Record key = key_of(*schema_, row);
  if (!get(key) || collides(row)) return false;
  erase(key);
  rows_.push_back(row);
  return true;
}

bool ModelTable::erase(const Record& key) {
  return std::erase_if(rows_, [&](const Record& row) { return key_of(*schema_, row) == key; }) != 0;
}

std::optional<Record> ModelTable::get(const Record& key) const {
  const auto at = std::ranges::find_if(rows_, [&](const Record& row) { return key_of(*schema_, row) == key; });
  return at == rows_.end() ? std::nullopt : std::optional(*at);
}

std::vector<Record> ModelTable::scan(const ports::Scan& scan) const {
  const ports::Path path = *path_of(*schema_, scan);
  const auto order = [&](const Record& row) { return project(row, path.columns); };
  std::vector<Record> found;
  std::ranges::copy_if(rows_, std::back_inserter(found), [&](const Record& row) {
    const Record at = order(row);
    if (!std::equal(scan.prefix.begin(), scan.prefix.end(), at.begin())) return false;
    return path.after.empty() || (scan.descending ? at < path.after : path.after < at);
  });
  std::ranges::sort(found, [&](const Record& a, const Record& b) {
    return scan.descending ? order(b) < order(a) : order(a) < order(b);
  });
  if (found.size() > scan.limit) found.resize(scan.limit);
  return found;
}

}  // namespace holdfast::contract

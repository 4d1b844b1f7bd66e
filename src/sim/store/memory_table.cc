#include "sim/store/memory_table.h"

#include <algorithm>

#include "base/check.h"

namespace holdfast::sim::store {

using ports::Record;

namespace {

Record project(const Record& row, const std::vector<std::size_t>& columns) {
  Record out;
  for (const std::size_t column : columns) out.push_back(row[column]);
  return out;
}

std::span<const ports::Field> beginning(const Record& record, std::size_t size) {
  return std::span(record).first(std::min(size, record.size()));
}

/// The entries between the prefix's first and last, behind the cursor.
template <class Container>
auto range_of(const Container& entries, const Record& after, const ports::Scan& scan) {
  auto first = entries.lower_bound(Prefix{scan.prefix});
  auto last = entries.upper_bound(Prefix{scan.prefix});
  if (!after.empty() && !scan.descending) first = entries.upper_bound(after);
  if (!after.empty() && scan.descending) last = entries.lower_bound(after);
  return std::pair(first, last);
}

template <class Container, class Take>
void walk(const Container& entries, const Record& after, const ports::Scan& scan, Take take) {
  auto [first, last] = range_of(entries, after, scan);
  for (std::size_t taken = 0; taken < scan.limit && first != last; ++taken) {
    take(scan.descending ? *--last : *first++);
  }
}

}  // namespace

bool FieldOrder::operator()(const Record& record, Prefix prefix) const {
  return std::ranges::lexicographical_compare(beginning(record, prefix.fields.size()), prefix.fields);
}

bool FieldOrder::operator()(Prefix prefix, const Record& record) const {
  return std::ranges::lexicographical_compare(prefix.fields, beginning(record, prefix.fields.size()));
}

MemoryTable::MemoryTable(const ports::Schema& schema) : schema_(schema), entries_(schema.indexes.size()) {}

std::optional<Record> MemoryTable::find(const Record& key) const {
  const auto at = rows_.find(key);
  return at == rows_.end() ? std::nullopt : std::optional(at->second);
}

bool MemoryTable::collides(const Record& row) const {
  const Record key = key_of(schema_, row);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!schema_.indexes[i].unique) continue;
    const Record values = project(row, schema_.indexes[i].columns);
    if (std::ranges::any_of(values, [](const auto& field) { return field.index() == 0; })) continue;
    const auto [first, last] = entries_[i].equal_range(Prefix{values});
    const Record own = project(row, order_of(schema_, i));
    if (std::any_of(first, last, [&](const Record& entry) { return entry != own; })) return true;
  }
  return false;
}

void MemoryTable::put(Record row) {
  const Record key = key_of(schema_, row);
  remove(key);
  for (std::size_t i = 0; i < entries_.size(); ++i) entries_[i].insert(project(row, order_of(schema_, i)));
  rows_.emplace(key, std::move(row));
}

void MemoryTable::remove(const Record& key) {
  const auto at = rows_.find(key);
  if (at == rows_.end()) return;
  for (std::size_t i = 0; i < entries_.size(); ++i) entries_[i].erase(project(at->second, order_of(schema_, i)));
  rows_.erase(at);
}

std::vector<Record> MemoryTable::scan(const ports::Path& path, const ports::Scan& scan) const {
  std::vector<Record> out;
  if (path.index == ports::kPrimaryKey) {
    walk(rows_, path.after, scan, [&](const auto& row) { out.push_back(row.second); });
    return out;
  }
  walk(entries_[path.index], path.after, scan, [&](const Record& entry) {
    Record key;
    for (std::size_t i = 0; i < schema_.key_size; ++i) {
      key.push_back(entry[static_cast<std::size_t>(std::ranges::find(path.columns, i) - path.columns.begin())]);
    }
    const auto row = rows_.find(key);
    CHECK_INVARIANT(row != rows_.end());
    out.push_back(row->second);
  });
  return out;
}

}  // namespace holdfast::sim::store

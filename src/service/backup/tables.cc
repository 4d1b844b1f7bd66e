#include "service/backup/tables.h"

#include <algorithm>

#include "base/text.h"
#include "ports/store/migration.h"
#include "ports/store/shape.h"

namespace holdfast::service::backup {
namespace {

const ports::Schema* schema_of(const ports::MigrationStep& step) {
  return std::visit([](const auto& one) { return one.schema; }, step);
}

}  // namespace

const std::vector<const ports::Schema*>& tables() {
  static const std::vector<const ports::Schema*> kTables = [] {
    std::vector<const ports::Schema*> out;
    for (const ports::Migration& migration : ports::migrations()) {
      for (const ports::MigrationStep& step : migration.steps) {
        const ports::Schema* schema = schema_of(step);
        const auto at = std::ranges::find(out, schema->table, [](const auto* one) { return one->table; });
        if (at == out.end()) {
          out.push_back(schema);
        } else {
          *at = schema;
        }
      }
    }
    return out;
  }();
  return kTables;
}

std::int64_t newest_migration() { return ports::migrations().back().number; }

Result<Layout> Layout::of(const TableBegins& table) {
  Layout out;
  const auto at = std::ranges::find(tables(), table.name, [](const auto* one) { return one->table; });
  if (at == tables().end()) {
    return fail(Next::Rejected, kTableUnknown,
                cat("expected a table of this version, saw ", printable(table.name), "; a newer Holdfast made this"));
  }
  out.schema_ = *at;
  for (const std::string& column : table.columns) {
    const auto place = std::ranges::find(out.schema_->columns, column, &ports::Column::name);
    if (place == out.schema_->columns.end()) {
      return fail(Next::Rejected, kTableUnknown,
                  cat("expected a column of ", table.name, " of this version, saw ", printable(column)));
    }
    out.places_.push_back(static_cast<std::size_t>(place - out.schema_->columns.begin()));
  }
  return out;
}

Result<ports::Record> Layout::arranged(ports::Record row) const {
  if (row.size() != places_.size()) {
    return fail(Next::Corrupt, kArchiveMalformed, cat("expected ", places_.size(), " columns, saw ", row.size()));
  }
  ports::Record out(schema_->columns.size());
  for (std::size_t i = 0; i < row.size(); ++i) out[places_[i]] = std::move(row[i]);
  TRY(ports::require_row(*schema_, out));
  return out;
}

}  // namespace holdfast::service::backup

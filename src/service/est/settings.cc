#include "service/est/settings.h"

#include "base/text.h"
#include "service/audit/audit.h"

namespace holdfast::service::est {

using ports::EstRow;
using ports::Table;

Result<void> require_settings(const Settings& settings) {
  if (settings.thing_life >= kThingLifeMin && settings.thing_life <= kThingLifeMax) return {};
  return fail(Next::Rejected, kEstLifeWrong,
              cat("expected a thing's certificate to live ", to_text(kThingLifeMin), " to ", to_text(kThingLifeMax),
                  ", saw ", to_text(settings.thing_life)));
}

Result<Settings> settings_of(ports::Transaction& tx, std::string_view catalog) {
  const auto row = TRY(Table<EstRow>(tx).find(catalog));
  if (!row) return Settings{};
  return Settings{row->reenroll, row->things, Duration(row->thing_life_ms)};
}

Result<void> set_settings(ports::Transaction& tx, std::string_view catalog, const Settings& settings, const Caller& by,
                          WallTime now) {
  TRY(require_settings(settings));
  if (TRY(settings_of(tx, catalog)) == settings) return {};
  const EstRow row{std::string(catalog), settings.reenroll, settings.things, settings.thing_life.count()};
  Table<EstRow> table(tx);
  TRY(TRY(table.find(catalog)) ? table.update(row) : table.insert(row));
  return audit::append(
      tx,
      {row.catalog, actor_of(by), "est.set", row.catalog,
       json::Object{
           {"reenroll", settings.reenroll}, {"things", settings.things}, {"thing_life", to_text(settings.thing_life)}}},
      now);
}

Result<std::string> only_catalog(ports::Transaction& tx) {
  std::optional<std::string> found;
  for (const EstRow& row : TRY(Table<EstRow>(tx).scan({.limit = ports::kScanRowsMax}))) {
    if (!row.reenroll && !row.things) continue;
    if (found) {
      return fail(Next::NotFound, kNothingThere, "expected /.well-known/est/CATALOG/…, saw a path without a catalog");
    }
    found = row.catalog;
  }
  if (found) return *std::move(found);
  return fail(Next::NotFound, kEstOff, "EST is not on in any catalog");
}

}  // namespace holdfast::service::est

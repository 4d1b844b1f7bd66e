#include "service/rollout/freezes.h"

#include <algorithm>

#include "base/text.h"
#include "ports/store/rows/catalog.h"
#include "service/audit/audit.h"
#include "service/numbers.h"

namespace holdfast::service::rollout {
namespace {

using ports::FreezeRow;
using ports::Table;

Result<void> require_target(ports::Transaction& tx, const FreezeOrder& order) {
  if (order.product.empty() && order.device_group.empty()) return {};
  const bool there =
      order.device_group.empty()
          ? TRY(Table<ports::ProductRow>(tx).find(order.catalog, order.product)).has_value()
          : TRY(Table<ports::DeviceGroupRow>(tx).find(order.catalog, order.product, order.device_group)).has_value();
  if (there) return {};
  return fail(Next::NotFound, kNothingThere,
              cat("there is no '", printable(order.product, 60), "/", printable(order.device_group, 60), "'"));
}

Result<void> require_time(const FreezeOrder& order, WallTime now) {
  if (order.from < order.until && now < order.until && order.until - order.from <= kFreezeMax) return {};
  return fail(Next::Rejected, kFreezeMalformed,
              cat("expected a freeze that ends after it begins and after now, and lasts at most 366 days, saw ",
                  to_rfc3339(order.from), " to ", to_rfc3339(order.until)));
}

Result<std::vector<FreezeRow>> all_of(ports::Transaction& tx, std::string_view catalog) {
  return Table<FreezeRow>(tx).scan({.prefix = ports::record_of(catalog), .limit = kFreezesMax});
}

Result<void> make_room(ports::Transaction& tx, const std::vector<FreezeRow>& there, WallTime now) {
  if (there.size() < kFreezesMax) return {};
  std::size_t over = 0;
  for (const FreezeRow& one : there) {
    if (one.until > now || one.number == there.back().number) continue;
    TRY(Table<FreezeRow>(tx).erase(one.catalog, one.number));
    ++over;
  }
  if (over > 0) return {};
  return fail(Next::Exhausted, kTooManyFreezes,
              cat("expected fewer than ", kFreezesMax, " freezes that are not over, saw as many; end one first"));
}

Result<void> record(ports::Transaction& tx, const FreezeRow& row, std::string_view action, std::string actor,
                    WallTime now) {
  return audit::append(tx,
                       {row.catalog, std::move(actor), std::string(action), cat("freeze:", row.number),
                        json::Object{{"product", row.product},
                                     {"device_group", row.device_group},
                                     {"from", to_rfc3339(row.from)},
                                     {"until", to_rfc3339(row.until)},
                                     {"reason", row.reason}}},
                       now);
}

bool is_for(const FreezeRow& row, std::string_view product, std::string_view device_group) {
  return (row.product.empty() || row.product == product) &&
         (row.device_group.empty() || row.device_group == device_group);
}

}  // namespace

Result<FreezeRow> freeze(ports::Transaction& tx, const FreezeOrder& order, const Caller& by, WallTime now) {
  TRY(require_target(tx, order));
  TRY(require_time(order, now));
  const auto there = TRY(all_of(tx, order.catalog));
  TRY(make_room(tx, there, now));
  const Numbered newest = there.empty() ? Numbered{} : Numbered{there.back().number, there.back().created_at};
  const std::int64_t number = TRY(next_number(tx, newest));
  FreezeRow row{order.catalog, number, order.product, order.device_group, order.from, order.until, order.reason,
                actor_of(by),  now};
  TRY(Table<FreezeRow>(tx).insert(row));
  TRY(record(tx, row, "freeze.created", row.created_by, now));
  return row;
}

Result<FreezeRow> thaw(ports::Transaction& tx, std::string_view catalog, std::int64_t number, const Caller& by,
                       WallTime now) {
  auto row = TRY(Table<FreezeRow>(tx).find(catalog, number));
  if (!row) return fail(Next::NotFound, kNothingThere, cat("there is no freeze ", number));
  if (row->until <= now) {
    return fail(Next::Conflict, kFreezeOver, cat("the freeze ", number, " was over at ", to_rfc3339(row->until)));
  }
  row->from = std::min(row->from, now);
  row->until = now;
  TRY(Table<FreezeRow>(tx).update(*row));
  TRY(record(tx, *row, "freeze.ended", actor_of(by), now));
  return *std::move(row);
}

Result<std::optional<FreezeRow>> freeze_of(ports::Transaction& tx, std::string_view catalog, std::string_view product,
                                           std::string_view device_group, WallTime now) {
  std::optional<FreezeRow> out;
  for (FreezeRow& one : TRY(all_of(tx, catalog))) {
    if (!is_for(one, product, device_group) || now < one.from || one.until <= now) continue;
    if (!out || out->until < one.until) out = std::move(one);
  }
  return out;
}

}  // namespace holdfast::service::rollout

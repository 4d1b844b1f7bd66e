#include "service/rollout/reports.h"

#include <algorithm>

#include "base/json/value.h"

namespace holdfast::service::rollout {
namespace {

using ports::ImageCountsRow;
using ports::Table;
using ports::UpdateReportRow;

std::string text_of(const std::vector<wire::UpdateState>& updates) {
  json::Array out;
  for (const wire::UpdateState& one : updates) {
    out.emplace_back(json::Object{{"component", one.component},
                                  {"image", one.image},
                                  {"phase", wire::name_of(one.phase)},
                                  {"reason", one.reason}});
  }
  return json::dump(out);
}

std::string text_of(const std::vector<wire::ImageCounts>& counts) {
  json::Array out;
  for (const wire::ImageCounts& one : counts) {
    out.emplace_back(
        json::Array{one.component, one.version, one.boots, one.failed_boots, one.fallbacks, one.exits, one.crashes});
  }
  return json::dump(out);
}

Result<bool> take_states(ports::Transaction& tx, const DeviceCaller& device, const wire::CheckInRequest& request,
                         WallTime now) {
  Table<UpdateReportRow> reports(tx);
  const auto before = TRY(reports.find(device.catalog, device.device));
  const UpdateReportRow row{device.catalog,           device.device,           request.director,
                            text_of(request.updates), text_of(request.counts), now};
  if (before && before->director == row.director && before->updates == row.updates && before->counts == row.counts)
    return false;
  TRY(before ? reports.update(row) : reports.insert(row));
  return true;
}

Result<void> make_room(ports::Transaction& tx, const DeviceCaller& device) {
  Table<ImageCountsRow> counts(tx);
  const auto rows = TRY(counts.scan({.prefix = ports::record_of(device.catalog, device.device), .limit = kCountsKept}));
  if (rows.size() < kCountsKept) return {};
  const ImageCountsRow& oldest = *std::ranges::min_element(rows, {}, &ImageCountsRow::first_at);
  return counts.erase(oldest.catalog, oldest.device, oldest.component, oldest.version);
}

Result<void> take_counts(ports::Transaction& tx, const DeviceCaller& device, const wire::ImageCounts& said,
                         WallTime now) {
  Table<ImageCountsRow> counts(tx);
  const auto before = TRY(counts.find(device.catalog, device.device, said.component, said.version));
  ImageCountsRow row =
      before.value_or(ImageCountsRow{device.catalog, device.device, said.component, said.version, 0, 0, 0, 0, 0, now});
  bool is_news = !before;
  const auto raise = [&](std::int64_t& kept, std::int64_t seen, std::optional<WallTime>* at) {
    if (seen <= kept) return;
    kept = seen;
    is_news = true;
    if (at != nullptr) *at = now;
  };
  raise(row.boots, said.boots, nullptr);
  raise(row.failed_boots, said.failed_boots, &row.failed_boot_at);
  raise(row.fallbacks, said.fallbacks, &row.fallback_at);
  raise(row.exits, said.exits, nullptr);
  raise(row.crashes, said.crashes, &row.crash_at);
  if (!is_news) return {};
  if (before) return counts.update(row);
  TRY(make_room(tx, device));
  return counts.insert(row);
}

}  // namespace

Result<bool> take_report(ports::Transaction& tx, const DeviceCaller& device, const wire::CheckInRequest& request,
                         WallTime now) {
  if (request.director == 0) return false;
  if (!TRY(take_states(tx, device, request, now))) return false;
  for (const wire::ImageCounts& one : request.counts) TRY(take_counts(tx, device, one, now));
  return true;
}

}  // namespace holdfast::service::rollout

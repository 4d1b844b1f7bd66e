#include "service/rollout/trials.h"

#include <algorithm>

#include "base/text.h"
#include "service/rollout/freezes.h"
#include "service/rollout/reports.h"
#include "trust/appraisal/verdict.h"

namespace holdfast::service::rollout {
namespace {

using ports::ImageCountsRow;
using ports::Table;
using ports::TallyRow;
using ports::TrialRow;

constexpr std::int64_t bit(Harm harm) { return std::int64_t{1} << static_cast<int>(harm); }

std::int64_t harms_after(const ImageCountsRow& counts, WallTime after) {
  const auto since = [&](const std::optional<WallTime>& at, Harm harm) { return at && *at > after ? bit(harm) : 0; };
  return since(counts.crash_at, Harm::Crash) | since(counts.failed_boot_at, Harm::FailedBoot) |
         since(counts.fallback_at, Harm::Fallback);
}

Result<std::vector<ImageCountsRow>> counts_of(ports::Transaction& tx, const ports::DeviceRow& device) {
  return Table<ImageCountsRow>(tx).scan(
      {.prefix = ports::record_of(device.catalog, device.device), .limit = kCountsKept});
}

/// Whether it is a version of the deployment: `door/1.0/image`.
bool is_of(const ImageCountsRow& counts, const Images& images) {
  return images.contains(cat(counts.component, "/", counts.version, "/image"));
}

bool is_unhealthy_since(const ports::DeviceRow& device, WallTime since) {
  const auto healthy = static_cast<std::int64_t>(trust::appraisal::Verdict::Healthy);
  return device.last_verdict && *device.last_verdict != healthy && device.last_attested_at &&
         *device.last_attested_at > since;
}

std::string text_of(const std::array<Pairs, kHarms>& pairs) {
  json::Array out;
  for (const Pairs& one : pairs) out.emplace_back(json::Array{one.worse, one.better});
  return json::dump(out);
}

Result<std::int64_t> integer_at(const json::Array& list, std::size_t at) {
  const std::int64_t* number = at < list.size() ? list[at].integer() : nullptr;
  if (number != nullptr) return *number;
  return fail(Next::Corrupt, ports::kRowCorrupt, "expected a tally's numbers, saw another");
}

/// What the trial's bits add to the pairs.
void weigh(Tally& tally, std::int64_t before, std::int64_t since, std::int64_t weight) {
  for (std::size_t i = 0; i < kHarms; ++i) {
    const std::int64_t mask = bit(static_cast<Harm>(i));
    const bool had = (before & mask) != 0;
    const bool has = (since & mask) != 0;
    if (has && !had) tally.pairs[i].worse += weight;
    if (had && !has) tally.pairs[i].better += weight;
  }
}

Result<void> keep(ports::Transaction& tx, TallyRow row, const Tally& tally) {
  row.took = tally.took;
  row.confirmed = tally.confirmed;
  row.pairs = text_of(tally.pairs);
  return Table<TallyRow>(tx).update(row);
}

struct Word {
  bool took = false;
  bool confirmed = false;
  std::int64_t since = 0;
};

/// What a check-in says of the images that the device is to have.
Result<Word> word_of(ports::Transaction& tx, const ports::DeviceRow& device, const TrialRow& trial,
                     const Images& images, const wire::CheckInRequest& request) {
  const bool is_under_way = !request.updates.empty();
  const bool failed =
      std::ranges::any_of(request.updates, [](const auto& one) { return one.phase == wire::UpdatePhase::Failed; });
  const auto healthy = static_cast<std::int64_t>(trust::appraisal::Verdict::Healthy);
  Word out;
  out.confirmed = !is_under_way && device.last_verdict == healthy;
  out.took = failed || !is_under_way;
  for (const ImageCountsRow& one : TRY(counts_of(tx, device))) {
    if (is_of(one, images)) out.since |= harms_after(one, trial.began_at);
  }
  if (out.took && is_unhealthy_since(device, trial.began_at)) out.since |= bit(Harm::Unhealthy);
  return out;
}

Result<void> stop_if_harmful(ports::Transaction& tx, ports::DeploymentRow row, const Tally& tally, WallTime now) {
  if (row.state != ports::DeploymentState::Running) return {};
  const auto harm = harm_of(tally);
  if (!harm) return {};
  return pause_by_gate(tx, std::move(row), *harm, now);
}

}  // namespace

Result<ports::DeploymentRow> advance(ports::Transaction& tx, const ports::DeploymentRow& row, WallTime now) {
  if (!is_wave_due(row, now)) return row;
  if (TRY(freeze_of(tx, row.catalog, row.product, row.device_group, now))) return row;
  const TallyRow tally = TRY(tally_of(tx, row.catalog, row.number));
  const bool is_unproven = tally.confirmed == 0 && TRY(has_devices(row));
  if (is_unproven && tally.took == 0) return row;
  if (is_unproven) {
    TRY(pause_by_gate(tx, row, cat("every device that tried it fell back: ", tally.took, " of ", tally.took), now));
  } else {
    TRY(open_next_wave(tx, row, now));
  }
  return find_deployment(tx, row.catalog, row.number);
}

Result<TallyRow> tally_of(ports::Transaction& tx, std::string_view catalog, std::int64_t deployment) {
  auto row = TRY(Table<TallyRow>(tx).find(catalog, deployment));
  return row ? *std::move(row) : TallyRow{std::string(catalog), deployment, 0, 0, 0, text_of({})};
}

Result<Tally> read_tally(const TallyRow& row) {
  Tally out{row.took, row.confirmed, {}};
  const json::Value pairs = TRY(json::parse(as_bytes(row.pairs)));
  for (std::size_t i = 0; pairs.array() != nullptr && i < std::min(kHarms, pairs.array()->size()); ++i) {
    const json::Array* pair = (*pairs.array())[i].array();
    if (pair == nullptr) continue;
    out.pairs[i].worse = TRY(integer_at(*pair, 0));
    out.pairs[i].better = TRY(integer_at(*pair, 1));
  }
  return out;
}

Result<void> begin_trial(ports::Transaction& tx, const ports::DeviceRow& device, std::int64_t deployment,
                         WallTime now) {
  if (TRY(Table<TrialRow>(tx).find(device.catalog, deployment, device.device))) return {};
  TrialRow trial{device.catalog, deployment, device.device, now, 0, 0, {}, {}};
  for (const ImageCountsRow& one : TRY(counts_of(tx, device))) trial.before |= harms_after(one, now - kWatched);
  if (is_unhealthy_since(device, now - kWatched)) trial.before |= bit(Harm::Unhealthy);
  TRY(Table<TrialRow>(tx).insert(trial));
  TallyRow row = TRY(tally_of(tx, device.catalog, deployment));
  const bool is_first = row.told++ == 0;
  return is_first ? Table<TallyRow>(tx).insert(row) : Table<TallyRow>(tx).update(row);
}

Result<void> watch_trial(ports::Transaction& tx, const ports::DeviceRow& device, const ports::DirectionRow& direction,
                         const wire::CheckInRequest& request, bool is_news, WallTime now) {
  if (direction.version != request.director || direction.deployment == 0) return {};
  auto trial = TRY(Table<TrialRow>(tx).find(device.catalog, direction.deployment, device.device));
  if (!trial || now > trial->began_at + kWatched) return {};
  if (trial->confirmed_at && !is_news && !is_unhealthy_since(device, trial->began_at)) return {};
  ports::DeploymentRow deployment = TRY(find_deployment(tx, device.catalog, direction.deployment));
  const Word word = TRY(word_of(tx, device, *trial, TRY(images_of(deployment)), request));
  const TrialRow before = *trial;
  if (word.took && !trial->took_at) trial->took_at = now;
  if (word.confirmed && !trial->confirmed_at) trial->confirmed_at = now;
  trial->since |= word.since;
  if (trial->fields() == before.fields()) return {};
  TRY(Table<TrialRow>(tx).update(*trial));
  const TallyRow row = TRY(tally_of(tx, device.catalog, direction.deployment));
  Tally tally = TRY(read_tally(row));
  if (before.took_at) weigh(tally, before.before, before.since, -1);
  if (trial->took_at) weigh(tally, trial->before, trial->since, 1);
  tally.took += trial->took_at && !before.took_at ? 1 : 0;
  tally.confirmed += trial->confirmed_at && !before.confirmed_at ? 1 : 0;
  TRY(keep(tx, row, tally));
  return stop_if_harmful(tx, std::move(deployment), tally, now);
}

}  // namespace holdfast::service::rollout

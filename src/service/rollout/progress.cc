#include "service/rollout/progress.h"

namespace holdfast::service::rollout {
namespace {

using ports::DirectionRow;
using ports::Table;
using ports::UpdateReportRow;

constexpr std::size_t kRowsAtOnce = 1000;
constexpr std::size_t kReasonsMax = 32;

std::string member(const json::Value& value, std::string_view name) {
  const json::Value* found = value.find(name);
  return found != nullptr && found->text() != nullptr ? *found->text() : std::string();
}

Result<void> add(ports::Transaction& tx, const DirectionRow& direction, Progress& out) {
  ++out.directed;
  const auto report = TRY(Table<UpdateReportRow>(tx).find(direction.catalog, direction.device));
  if (!report || report->director != direction.version) {
    ++out.phases["told"];
    return {};
  }
  const json::Value updates = TRY(json::parse(as_bytes(report->updates)));
  if (updates.array() == nullptr || updates.array()->empty()) {
    ++out.done;
    return {};
  }
  const json::Value& first = updates.array()->front();
  ++out.phases[member(first, "phase")];
  std::string reason = member(first, "reason");
  if (reason.empty()) return {};
  if (out.reasons.size() >= kReasonsMax && !out.reasons.contains(reason)) reason = "other";
  ++out.reasons[reason];
  return {};
}

json::Value counts_to_json(const std::map<std::string, std::int64_t, std::less<>>& counts) {
  json::Object out;
  for (const auto& [name, number] : counts) out.emplace_back(name, number);
  return out;
}

}  // namespace

Result<Progress> progress_of(ports::Transaction& tx, const ports::DeploymentRow& row) {
  Progress out;
  out.tally = TRY(read_tally(TRY(tally_of(tx, row.catalog, row.number))));
  ports::Scan scan{.index = ports::kDirectionsByDeployment,
                   .prefix = ports::record_of(row.catalog, row.number),
                   .limit = kRowsAtOnce};
  while (true) {
    const auto rows = TRY(Table<DirectionRow>(tx).scan(scan));
    for (const DirectionRow& one : rows) TRY(add(tx, one, out));
    if (rows.size() < kRowsAtOnce) return out;
    scan.after = Table<DirectionRow>::cursor(scan.index, rows.back());
  }
}

json::Value to_json(const Progress& progress) {
  json::Object harm;
  for (std::size_t i = 0; i < kHarms; ++i) {
    const Pairs& pairs = progress.tally.pairs[i];
    harm.emplace_back(name_of(static_cast<Harm>(i)), json::Object{{"worse", pairs.worse}, {"better", pairs.better}});
  }
  return json::Object{{"directed", progress.directed},
                      {"done", progress.done},
                      {"phases", counts_to_json(progress.phases)},
                      {"reasons", counts_to_json(progress.reasons)},
                      {"took", progress.tally.took},
                      {"confirmed", progress.tally.confirmed},
                      {"harm", std::move(harm)}};
}

}  // namespace holdfast::service::rollout

#include "service/rollout/direction.h"

#include <algorithm>

#include "base/text.h"
#include "service/appraise/deployed.h"
#include "service/audit/audit.h"
#include "service/rollout/director.h"
#include "service/rollout/freezes.h"
#include "service/rollout/trials.h"
#include "trust/appraisal/verdict.h"

namespace holdfast::service::rollout {
namespace {

using ports::DeploymentRow;
using ports::DeploymentState;
using ports::DirectionRow;
using ports::Table;

/// Most devices have the newest, so that few rows at a time are enough.
constexpr std::size_t kRowsAtOnce = 4;

Result<std::vector<DeploymentRow>> of_group(ports::Transaction& tx, const ports::DeviceRow& device,
                                            const std::optional<DeploymentRow>& behind) {
  ports::Scan scan{.index = ports::kDeploymentsByGroup,
                   .prefix = ports::record_of(device.catalog, device.product, device.device_group),
                   .limit = kRowsAtOnce,
                   .descending = true};
  if (behind) scan.after = Table<DeploymentRow>::cursor(scan.index, *behind);
  return Table<DeploymentRow>(tx).scan(scan);
}

/// What a device claims to follow leaves room to go on.
constexpr std::int64_t kFollowedMax = trust::tuf::kVersionMax / 2;

std::string percent_words(std::int64_t places) {
  return cat(places * 100 / kPlaces, ".", places % 100 < 10 ? "0" : "", places % 100, " %");
}

/// How a deployment stands to one device.
enum class Standing { Aborted, Paused, Ahead, Reached };

Standing standing_of(const DeploymentRow& row, std::int64_t place, std::int64_t directed) {
  if (row.state == DeploymentState::Aborted) return Standing::Aborted;
  if (row.state == DeploymentState::Paused && directed != row.number) return Standing::Paused;
  return place < row.places ? Standing::Reached : Standing::Ahead;
}

std::string words_for(Standing standing, const DeploymentRow& row, std::int64_t place) {
  if (standing == Standing::Aborted) return cat("deployment ", row.number, " was aborted: ", printable(row.reason));
  if (standing == Standing::Paused) return cat("deployment ", row.number, " is paused: ", printable(row.reason));
  return cat("deployment ", row.number, " has reached the first ", percent_words(row.places),
             " of its devices; this one's place is ", percent_words(place));
}

Result<std::optional<Choice>> pinned(ports::Transaction& tx, const ports::DeviceRow& device) {
  const auto pin = TRY(Table<ports::PinRow>(tx).find(device.catalog, device.device));
  if (!pin) return std::optional<Choice>();
  const DeploymentRow row = TRY(find_deployment(tx, device.catalog, pin->deployment));
  if (row.state == DeploymentState::Aborted) return std::optional<Choice>();
  Choice out;
  out.why.push_back(
      cat("it is pinned to deployment ", row.number, " by ", pin->pinned_by, ": ", printable(pin->reason)));
  out.deployment = row;
  return std::optional(std::move(out));
}

/// Asked once, and only where something newer has reached a device.
class Frozen {
 public:
  Result<bool> is_so(ports::Transaction& tx, const ports::DeviceRow& device, WallTime now) {
    if (!is_known_) freeze_ = TRY(freeze_of(tx, device.catalog, device.product, device.device_group, now));
    is_known_ = true;
    return freeze_.has_value();
  }
  std::string words() const {
    return cat("updates are frozen until ", to_rfc3339(freeze_->until), ": ", printable(freeze_->reason));
  }

 private:
  bool is_known_ = false;
  std::optional<ports::FreezeRow> freeze_;
};

/// Whether this one is what the device has, or what it had before of its group.
Result<bool> is_taken_back(ports::Transaction& tx, const DeploymentRow& row, std::int64_t directed) {
  if (row.number >= directed) return row.number == directed;
  const auto newer = TRY(Table<DeploymentRow>(tx).find(row.catalog, directed));
  return newer && newer->product == row.product && newer->device_group == row.device_group;
}

/// Either somebody asks why, and nothing changes; or what has soaked opens on the way, and nobody reads a word.
enum class Asked { Why, What };

/// From the newest on, until one has reached the device.
Result<Choice> choose_among(ports::Transaction& tx, const ports::DeviceRow& device, std::int64_t directed, WallTime now,
                            Asked asked) {
  Choice out;
  Frozen frozen;
  const std::int64_t place = place_of(device.catalog, device.device);
  auto rows = TRY(of_group(tx, device, {}));
  if (rows.empty()) {
    out.why.emplace_back("nothing was deployed to its group");
    return out;
  }
  if (auto choice = TRY(pinned(tx, device))) return *std::move(choice);
  for (std::size_t seen = 0; !rows.empty() && seen < kDeploymentsLookedAt; seen += rows.size()) {
    for (DeploymentRow& row : rows) {
      if (asked == Asked::What && is_wave_due(row, now)) row = TRY(advance(tx, row, now));
      const Standing standing = standing_of(row, place, directed);
      if (asked == Asked::Why) out.why.push_back(words_for(standing, row, place));
      if (standing != Standing::Reached) continue;
      if (!TRY(is_taken_back(tx, row, directed)) && TRY(frozen.is_so(tx, device, now))) {
        out.why.push_back(frozen.words());
        continue;
      }
      out.deployment = std::move(row);
      return out;
    }
    if (rows.size() < kRowsAtOnce) return out;
    rows = TRY(of_group(tx, device, rows.back()));
  }
  return out;
}

/// What the device may run once it is told of `wanted` too.
Result<std::optional<std::string>> held_with(const std::optional<DirectionRow>& before, std::int64_t wanted) {
  std::vector<appraise::Held> held;
  if (before) held = TRY(appraise::held_of(*before));
  const bool is_again = !held.empty() && held.front().deployment == wanted;
  if (wanted != 0 && !is_again) appraise::tell(held, wanted);
  return std::optional(appraise::text_of(held));
}

}  // namespace

Result<std::optional<DirectionRow>> direction_of(ports::Transaction& tx, const ports::DeviceRow& device) {
  return Table<DirectionRow>(tx).find(device.catalog, device.device);
}

Result<Choice> choose(ports::Transaction& tx, const ports::DeviceRow& device, WallTime now) {
  const auto before = TRY(direction_of(tx, device));
  return choose_among(tx, device, before ? before->deployment : 0, now, Asked::Why);
}

Result<std::int64_t> direct(ports::Transaction& tx, const ports::DeviceRow& device,
                            const std::optional<DirectionRow>& before, std::int64_t followed, WallTime now) {
  const Choice choice = TRY(choose_among(tx, device, before ? before->deployment : 0, now, Asked::What));
  const std::int64_t wanted = choice.deployment ? choice.deployment->number : 0;
  const std::int64_t newest = std::max(before ? before->version : 0, std::min(followed, kFollowedMax));
  if (before && before->deployment == wanted && before->version == newest) return newest;
  if (newest == 0 && wanted == 0) return 0;
  auto held = TRY(held_with(before, wanted));
  const DirectionRow row{device.catalog, device.device, newest + 1, wanted, now, std::move(held)};
  Table<DirectionRow> directions(tx);
  TRY(before ? directions.update(row) : directions.insert(row));
  if (wanted != 0) TRY(begin_trial(tx, device, wanted, now));
  return row.version;
}

Result<void> note_held(ports::Transaction& tx, const ports::DeviceRow& device, DirectionRow& direction,
                       const wire::CheckInRequest& request) {
  const auto healthy = static_cast<std::int64_t>(trust::appraisal::Verdict::Healthy);
  const bool has_it = direction.deployment != 0 && request.director == direction.version && request.updates.empty();
  if (!has_it || device.last_verdict != healthy) return {};
  if (appraise::holds_first(direction, direction.deployment)) return {};
  auto held = TRY(appraise::held_of(direction));
  appraise::confirm(held, direction.deployment);
  direction.held = appraise::text_of(held);
  return Table<DirectionRow>(tx).update(direction);
}

Result<Blob> director_targets(Deps& deps, std::string_view catalog, std::string_view device, WallTime now) {
  trust::tuf::DirectorTargets targets;
  std::optional<ports::KeyRow> key;
  TRY(deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    const auto row = TRY(Table<DirectionRow>(tx).find(catalog, device));
    if (!row) return fail(Next::NotFound, kNothingThere, "nothing was deployed to this device");
    key = TRY(director_in_force(tx, catalog));
    targets = {std::string(catalog), std::string(device), row->version, now + kDirectionLife, {}};
    if (row->deployment != 0) targets.images = TRY(images_of(TRY(find_deployment(tx, catalog, row->deployment))));
    return {};
  }));
  return sign_as_director(deps, *key, TRY(trust::tuf::make_director_targets(targets)));
}

Result<ports::PinRow> pin(ports::Transaction& tx, std::string_view catalog, std::string_view device,
                          std::int64_t deployment, std::string reason, const Caller& by, WallTime now) {
  const auto row = TRY(Table<ports::DeviceRow>(tx).find(catalog, device));
  if (!row) return fail(Next::NotFound, kNothingThere, cat("there is no device ", printable(device, 60)));
  const DeploymentRow wanted = TRY(find_deployment(tx, catalog, deployment));
  if (wanted.product != row->product || wanted.state == DeploymentState::Aborted) {
    return fail(Next::Rejected, kImageUnfit,
                cat("expected a deployment to ", row->product, " that was not aborted, saw ", deployment));
  }
  ports::PinRow out{row->catalog, row->device, deployment, std::move(reason), actor_of(by), now};
  Table<ports::PinRow> pins(tx);
  TRY(TRY(pins.find(catalog, device)) ? pins.update(out) : pins.insert(out));
  TRY(audit::append(
      tx, {out.catalog, out.pinned_by, "device.pinned", out.device, json::Object{{"deployment", deployment}}}, now));
  return out;
}

Result<void> unpin(ports::Transaction& tx, std::string_view catalog, std::string_view device, const Caller& by,
                   WallTime now) {
  Table<ports::PinRow> pins(tx);
  if (!TRY(pins.find(catalog, device))) {
    return fail(Next::NotFound, kNothingThere, cat("the device ", printable(device, 60), " is not pinned"));
  }
  TRY(pins.erase(catalog, device));
  return audit::append(tx, {std::string(catalog), actor_of(by), "device.unpinned", std::string(device), {}}, now);
}

}  // namespace holdfast::service::rollout

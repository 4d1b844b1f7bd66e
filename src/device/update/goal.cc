#include "device/update/goal.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/update/withdrawal.h"

namespace holdfast::device::update {
namespace {

namespace tuf = trust::tuf;
using trust::update::Image;
using trust::update::ImageKind;
using trust::update::Installation;

using Floors = std::map<std::string, std::int64_t, std::less<>>;

/// The path of a release's image, as `holdfast release publish` places it.
std::string path_of(std::string_view component, std::string_view version) {
  return cat(component, "/", version, "/image");
}

Holding holding_of(const tuf::Target& target, const Image& image) {
  return {.sha256 = target.hashes.sha256.value_or(Digest256{}),
          .length = target.length,
          .version = image.version,
          .security_version = image.security_version,
          .kind = image.kind,
          .needs = image.needs,
          .floor = image.floor,
          .close_fallback = image.close_fallback};
}

struct Found {
  tuf::Target target;
  Image image;
};

/// Fails for the image's own reasons, and for the world's, which `is_world` tells apart.
Result<Found> find_image(RepositoryClient& client, const std::string& path, const tuf::DirectedImage& directed,
                         bool& is_world) {
  auto target = client.find(path);
  is_world = !target;
  const std::optional<tuf::Target> released = TRY(std::move(target));
  TRY(tuf::require_released(path, directed, released));
  Image image = TRY(trust::update::image_from(released->custom));
  TRY(trust::update::require_place(image, path));
  // The owner's withdrawal counts, too, where a maker still lists the image.
  auto withdrawal = client.find(trust::update::withdrawal_path(image.component, image.version));
  is_world = !withdrawal;
  if (!TRY(std::move(withdrawal))) return Found{*released, std::move(image)};
  return fail(Next::Rejected, kImageWithdrawn,
              cat("expected a version that its owner stands by, saw ", printable(path), ", which was withdrawn"));
}

/// A vault that lost its floor leaves what runs as the lowest that this device takes.
Result<std::int64_t> floor_of(ports::Floor& floor, const std::string& component, const Self& self) {
  const ports::FloorFacts laid = TRY(floor.read(component));
  const auto running = std::ranges::find(self.running, component, &ports::RunningComponent::component);
  if (!laid.is_missing || running == self.running.end()) return laid.lowest;
  return std::max(laid.lowest, running->security_version);
}

/// For the image, and for the verity tree behind it.
Result<void> require_room(ports::Slots& slots, const Image& image, std::int64_t length) {
  const auto facts = TRY(slots.facts(image.component));
  std::int64_t needed = length;
  if (image.verity) {
    TRY(trust::update::require_verity_fits(length, image.verity->data_offset));
    needed += trust::update::verity_tree_bytes(length, image.verity->data_offset);
  }
  if (needed <= facts.capacity) return {};
  return fail(Next::Rejected, ports::kSlotsFull,
              cat("expected an image of at most ", facts.capacity, " bytes with its verity tree, saw one of ", needed));
}

/// Of the version that is said to run, so that its bytes can be looked for. Nothing is lost where it is not there.
std::optional<Holding> holding_before(RepositoryClient& client, const std::string& component, const Self& self) {
  const auto running = std::ranges::find(self.running, component, &ports::RunningComponent::component);
  if (running == self.running.end()) return std::nullopt;
  const auto target = client.find(path_of(component, running->version));
  if (!target || !*target) return std::nullopt;
  const auto image = trust::update::image_from((*target)->custom);
  if (!image || !(*target)->hashes.sha256) return std::nullopt;
  return holding_of(**target, *image);
}

Result<Goal> goal_of(const std::string& path, const Found& found, RepositoryClient& client) {
  Goal out;
  out.component = found.image.component;
  out.image = path;
  out.holding = holding_of(found.target, found.image);
  out.needs = found.image.needs;
  out.description = found.image;
  out.place = TRY(client.place_of(path, found.target));
  out.is_consistent = out.place.find(to_hex(out.holding.sha256)) != std::string::npos;
  return out;
}

/// Whether a goal takes away what runs in this one's stead and needs it.
bool is_left_behind(const Goal& goal, const std::vector<Goal>& goals) {
  return std::ranges::any_of(goal.needs_now, [&](const trust::update::Need& need) {
    const auto other = std::ranges::find(goals, need.component, &Goal::component);
    return other != goals.end() && !need.is_met_by(other->holding.security_version);
  });
}

void put_in_order(std::vector<Goal>& goals) {
  std::set<std::string, std::less<>> first;
  for (const Goal& goal : goals) {
    if (is_left_behind(goal, goals)) first.insert(goal.component);
  }
  std::ranges::stable_sort(
      goals, {}, [&](const Goal& goal) { return std::pair(!first.contains(goal.component), goal.holding.kind); });
}

bool is_of_the_world(const Error& error) { return error.next == Next::Retry && error.reason != ports::kSlotsMissing; }

}  // namespace

bool are_met(const std::vector<trust::update::Need>& needs, const std::vector<ports::RunningComponent>& running) {
  return std::ranges::all_of(needs, [&](const trust::update::Need& need) {
    const auto found = std::ranges::find(running, need.component, &ports::RunningComponent::component);
    return found != running.end() && need.is_met_by(found->security_version);
  });
}

std::string place_beside(const Goal& goal, std::string_view name, const Digest256& sha256) {
  const std::string_view folder = std::string_view(goal.place).substr(0, goal.place.rfind('/') + 1);
  return cat(folder, goal.is_consistent ? cat(to_hex(sha256), ".") : std::string(), name);
}

Result<Plan> make_plan(const tuf::DirectorTargets& directed, RepositoryClient& client, const Self& self,
                       const State& state, ports::Slots& slots, ports::Floor& floor) {
  Plan plan;
  Installation installation;
  installation.product = self.product;
  installation.hardware = self.hardware;
  installation.supported = {ImageKind::Os, ImageKind::Application, ImageKind::Configuration};
  for (const auto& one : self.running) installation.security_version[one.component] = one.security_version;
  const auto refuse = [&](const std::string& component, const std::string& path, const Error& error) {
    plan.refused.push_back({component, path, wire::UpdatePhase::Refused, std::string(error.reason.word())});
  };
  std::vector<std::pair<std::string, Found>> found;
  for (const auto& [path, image] : directed.images) {
    bool is_world = false;
    auto one = find_image(client, path, image, is_world);
    if (!one && is_world) return std::unexpected(std::move(one).error());
    if (!one) {
      refuse(path.substr(0, path.find('/')), path, one.error());
      continue;
    }
    const std::string& component = one->image.component;
    if (std::ranges::any_of(found, [&](const auto& other) { return other.second.image.component == component; })) {
      refuse(component, path, Error{Next::Rejected, kComponentTwice, {}});
      continue;
    }
    installation.security_version[component] = one->image.security_version;
    installation.floor[component] = TRY(floor_of(floor, component, self));
    found.emplace_back(path, *std::move(one));
  }
  for (const auto& [path, one] : found) {
    const std::string& component = one.image.component;
    auto fits = trust::update::require_fit(one.image, installation);
    if (fits) fits = require_room(slots, one.image, one.target.length);
    if (!fits && is_of_the_world(fits.error())) return std::unexpected(std::move(fits).error());
    if (!fits) {
      refuse(component, path, fits.error());
      continue;
    }
    Goal goal = TRY(goal_of(path, one, client));
    const auto known = state.components.find(component);
    const auto facts = TRY(slots.facts(component));
    if (known == state.components.end() || !known->second.place(facts.confirmed)) {
      goal.before = holding_before(client, component, self);
    }
    if (known != state.components.end() && known->second.place(facts.running)) {
      goal.needs_now = known->second.place(facts.running)->needs;
    }
    plan.goals.push_back(std::move(goal));
  }
  put_in_order(plan.goals);
  return plan;
}

}  // namespace holdfast::device::update

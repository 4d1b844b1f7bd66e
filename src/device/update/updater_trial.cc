#include <algorithm>

#include "device/contact/backoff.h"
#include "device/update/updater.h"
#include "ports/network/network_settings.h"
#include "trust/update/configuration.h"

namespace holdfast::device::update {

using ports::Trial;
using trust::update::ImageKind;

namespace {

constexpr std::int64_t kErasedBytes = 64 * 1024;  ///< at once

bool is_in_place(const Attempt& attempt, const Situation& at) { return attempt.boot == at.boot_count; }

/// After the trial began, or ended: in the same instant it may have been before.
bool is_since(const std::optional<Instant>& seen, const Attempt& attempt, const Situation& at) {
  return seen && (!is_in_place(attempt, at) || *seen > attempt.since);
}

}  // namespace

/// Settings that cannot be read are no trial of the application.
Result<void> Updater::require_usable(const std::string& component, const Situation& at) {
  const Holding& holding = state_.components[component].attempt->holding;
  if (holding.kind != ImageKind::Configuration) return {};
  const ports::SlotFacts facts = TRY(parts_.slots.facts(component));
  const auto length = static_cast<std::size_t>(std::min<std::int64_t>(holding.length, facts.capacity));
  const Blob document = TRY(parts_.slots.read(component, other(facts.confirmed), 0, length));
  const auto read = TRY(trust::update::parse_configuration(component, document));
  if (read.application == ports::kNetworkApplication) TRY(ports::parse_network(settings_on(read, at.device)));
  return {};
}

/// Armed with its intent on disk, so that whoever finds it tried knows what it was.
Result<Progress> Updater::try_out(const std::string& component, const Situation& at) {
  const auto usable = require_usable(component, at);
  if (!usable && usable.error().next != Next::Rejected) return std::unexpected(usable.error());
  if (!usable) {
    blame(*state_.components.find(component), std::string(usable.error().reason.word()));
    TRY(save());
    return Progress{.next = at.now, .has_news = true};
  }
  Attempt& attempt = *state_.components[component].attempt;
  attempt.stage = Stage::Trying;
  attempt.was_up = false;
  attempt.boot = at.boot_count;
  attempt.since = at.now;
  const bool may_be_excused = attempt.holding.kind != ImageKind::Os || at.lacks_floor_alone;
  attempt.was_unhealthy = may_be_excused && at.attested_at && !at.is_healthy;
  attempt.ending.reset();
  const std::int64_t length = attempt.holding.length;
  crashes_.erase(component);
  TRY(save());
  TRY(parts_.slots.arm(component, length));
  return restart(component, at);
}

/// Of what does not start in place, nothing has changed afterwards: the device has to boot.
Result<Progress> Updater::restart(const std::string& component, const Situation& at) {
  const ports::SlotFacts before = TRY(parts_.slots.facts(component));
  TRY(parts_.slots.restart(component));
  const ports::SlotFacts after = TRY(parts_.slots.facts(component));
  running_[component] = after.running;
  is_leaving_ = after.trial == before.trial;
  return Progress{.next = at.now, .wants_boot = is_leaving_, .wants_evidence = !is_leaving_, .has_news = !is_leaving_};
}

/// Nothing else happens while something is being tried.
Result<std::optional<Progress>> Updater::look_at_trials(const Situation& at) {
  for (Entry& entry : state_.components) {
    const auto facts = parts_.slots.facts(entry.first);
    if (!facts && facts.error().reason == ports::kSlotsMissing) continue;
    if (!facts) return std::unexpected(facts.error());
    running_[entry.first] = facts->running;
    auto& attempt = entry.second.attempt;
    if (attempt && attempt->stage == Stage::Trying) return std::optional(TRY(look_at(entry, *facts, at)));
    if (facts->trial == Trial::Running) return std::optional(TRY(restart(entry.first, at)));
    if (facts->trial == Trial::Armed) TRY(disarm_unknown(entry.first));
    if (attempt && attempt->waits > 0 && !not_before_.contains(entry.first) && !is_hurried_) {
      not_before_[entry.first] = at.now + contact::backoff(contact::kBackoffRefused, attempt->waits, parts_.random);
    }
    if (attempt && attempt->is_suspect) TRY(clear_suspicion(entry, at));
  }
  return std::optional<Progress>();
}

/// What nobody remembers arming is not tried.
Result<void> Updater::disarm_unknown(const std::string& component) { return parts_.slots.write(component, 0, {}); }

Result<Progress> Updater::look_at(Entry& entry, ports::SlotFacts facts, const Situation& at) {
  ComponentState& component = entry.second;
  Attempt& attempt = *component.attempt;
  const auto holds = [&](ports::Slot slot) { return component.place(slot) == attempt.holding; };
  switch (facts.trial) {
    case Trial::Armed: return restart(entry.first, at);
    case Trial::Failed: return settle_failure(entry, at);
    case Trial::None: {
      if (holds(facts.confirmed)) return keep(entry, at);
      // The power went before it was armed.
      attempt.stage = Stage::Staged;
      return Progress{.next = at.now};
    }
    case Trial::Running: break;
  }
  if (attempt.ending || !holds(facts.running)) return restart(entry.first, at);
  if (attempt.was_up) return judge(entry, at);
  attempt.was_up = true;
  if (is_in_place(attempt, at)) {
    ++counts_of(state_, entry.first, attempt.holding.version).boots;
  } else {
    attempt.since = at.now;
  }
  const bool wants_evidence = is_in_place(attempt, at);
  TRY(save());
  return Progress{.next = at.now, .wants_evidence = wants_evidence, .has_news = true};
}

TrialSeen Updater::seen_of(const Entry& entry, const Situation& at) const {
  const Attempt& attempt = *entry.second.attempt;
  TrialSeen out;
  out.is_attested = is_since(at.attested_at, attempt, at);
  out.is_healthy = at.is_healthy;
  out.lacks_floor_alone = at.lacks_floor_alone;
  out.has_checked_in = is_since(at.checked_in_at, attempt, at);
  out.lasted = at.now - attempt.since;
  if (const auto crashes = crashes_.find(entry.first); crashes != crashes_.end()) out.crashes = crashes->second;
  for (const auto& one : running(at.booted)) {
    if (one.component == entry.first) out.running = one.version;
  }
  return out;
}

Result<Progress> Updater::judge(Entry& entry, const Situation& at) {
  TrialSeen seen = seen_of(entry, at);
  seen.kept_alone_after = TRY(kept_alone_after(at));
  TrialJudgement judged = judge_trial(*entry.second.attempt, seen);
  if (judged.verdict == TrialVerdict::Keep) return keep(entry, at);
  if (judged.verdict == TrialVerdict::FallBack) return fall_back(entry, std::move(judged.ending), at);
  const Attempt& attempt = *entry.second.attempt;
  return Progress{.next = std::max(attempt.since + seen.kept_alone_after.value_or(kHealthWindow), at.now + seconds(1)),
                  .wants_evidence = !is_since(at.attested_at, attempt, at)};
}

/// Floors rise afterwards (settle_floors): the image is kept before they do.
Result<Progress> Updater::keep(Entry& entry, const Situation& at) {
  ComponentState& component = entry.second;
  TRY(parts_.slots.confirm(entry.first));
  are_floors_settled_ = false;
  component.attempt.reset();
  component.failed.reset();
  component.kept_at = at.wall;
  crashes_.erase(entry.first);
  waiting_.erase(entry.first);
  TRY(save());
  return Progress{.next = at.now, .has_news = true};
}

Result<Progress> Updater::fall_back(Entry& entry, Ending ending, const Situation& at) {
  entry.second.attempt->ending = std::move(ending);
  TRY(save());
  return restart(entry.first, at);
}

/// The confirmed image runs again. What the image did wrong is remembered; what the world did is tried again.
Result<Progress> Updater::settle_failure(Entry& entry, const Situation& at) {
  const std::string& name = entry.first;
  Attempt& attempt = *entry.second.attempt;
  std::optional<std::string> blame;
  if (attempt.ending && attempt.ending->is_image) blame = attempt.ending->reason;
  if (attempt.ending && !attempt.ending->is_image) {
    ++attempt.waits;
    attempt.is_suspect = true;
    waiting_[name] = attempt.ending->reason;
    not_before_[name] = at.now + contact::backoff(contact::kBackoffRefused, attempt.waits, parts_.random);
  }
  if (!attempt.ending) {
    if (!attempt.was_up) ++counts_of(state_, name, attempt.holding.version).failed_boots;
    if (++attempt.tries >= kTriesMax) blame = attempt.was_up ? kTrialEnded : kNoBoot;
  }
  attempt.stage = Stage::Staged;
  attempt.was_up = false;
  attempt.ending.reset();
  attempt.boot = at.boot_count;
  attempt.since = at.now;
  if (blame) this->blame(entry, *std::move(blame));
  TRY(save());
  return Progress{.next = at.now, .has_news = true};
}

/// The confirmed place, too: nothing is confirmed in its stead before it is spare.
Result<void> Updater::erase_places(const std::string& component, const ports::SlotFacts& facts) {
  if (facts.trial == Trial::Running) TRY(parts_.slots.restart(component));
  const auto fill_spare = [&]() -> Result<void> {
    for (std::int64_t at = 0; at < facts.capacity; at += kErasedBytes) {
      const Blob zeros(static_cast<std::size_t>(std::min(kErasedBytes, facts.capacity - at)));
      TRY(parts_.slots.write(component, at, zeros));
    }
    return parts_.slots.sync(component);
  };
  TRY(fill_spare());
  TRY(parts_.slots.arm(component, 0));
  TRY(parts_.slots.restart(component));
  TRY(parts_.slots.confirm(component));
  return fill_spare();
}

Result<void> Updater::erase_settings() {
  for (const std::string& name : TRY(parts_.slots.components())) {
    if (trust::update::is_settings(name)) TRY(erase_places(name, TRY(parts_.slots.facts(name))));
  }
  return {};
}

Result<void> Updater::reset_settings() {
  TRY(load());
  for (auto& [name, component] : state_.components) {
    if (!trust::update::is_settings(name)) continue;
    component.places = {};
    component.attempt.reset();
    component.failed.reset();
    component.kept_at.reset();
  }
  forget_plan();
  TRY(save());
  return erase_settings();
}

void Updater::blame(Entry& entry, std::string reason) {
  const Attempt& attempt = *entry.second.attempt;
  ++counts_of(state_, entry.first, attempt.holding.version).fallbacks;
  entry.second.failed = Failure{attempt.image, attempt.holding.sha256, attempt.director, std::move(reason)};
  entry.second.attempt.reset();
  are_floors_settled_ = false;
}

bool Updater::has_reached(const Attempt& attempt, const Situation& at) {
  return is_since(at.checked_in_at, attempt, at);
}

/// Where the image before reaches the service at once, the one that did not is no victim of the world.
Result<void> Updater::clear_suspicion(Entry& entry, const Situation& at) {
  Attempt& attempt = *entry.second.attempt;
  const bool is_over = !is_in_place(attempt, at) || at.now - attempt.since > kHealthWindow;
  const bool is_reached = has_reached(attempt, at);
  if (!is_over && !is_reached) return {};
  attempt.is_suspect = false;
  if (!is_over && ++attempt.tries >= kTriesMax) blame(entry, std::string(kServiceUnreached));
  return save();
}

}  // namespace holdfast::device::update

#include "device/update/updater.h"

#include <algorithm>

#include "base/text.h"
#include "device/contact/backoff.h"
#include "trust/update/configuration.h"

namespace holdfast::device::update {

using trust::update::ImageKind;

namespace {

constexpr Duration kIdle = hours(1);
constexpr std::size_t kImageSaidBytesMax = 256;  ///< of a path, in a check-in

/// Kinds that start without a boot of the device.
bool restarts_in_place(ImageKind kind) { return kind != ImageKind::Os; }

}  // namespace

Updater::Updater(const Parts& parts, std::string hardware, const Settings& settings)
    : parts_(parts),
      hardware_(std::move(hardware)),
      settings_(settings),
      kept_(parts.disk),
      medium_source_(parts.medium) {}

Result<void> Updater::load() {
  if (is_loaded_) return {};
  const auto record = TRY(parts_.disk.read(kStateRecord));
  auto read = record ? State::decode(*record) : Result<State>(State{});
  state_ = read ? *std::move(read) : State{};
  for (const auto& [name, component] : state_.components) {
    const auto facts = parts_.slots.facts(name);
    if (facts) running_[name] = facts->running;
    if (!facts && facts.error().reason != ports::kSlotsMissing) return std::unexpected(facts.error());
  }
  is_loaded_ = true;
  return {};
}

/// A write that failed may have happened: what is true then is read again.
Result<void> Updater::save() {
  auto written = parts_.disk.write(kStateRecord, state_.encode());
  if (written) return {};
  is_loaded_ = false;
  forget_plan();
  return written;
}

void Updater::forget_plan() {
  client_.reset();
  plan_.reset();
  transfer_.reset();
  survey_.reset();
}

void Updater::look_at_director_again() {
  director_.reset();
  forget_plan();
}

void Updater::hurry() {
  is_hurried_ = true;
  not_before_.clear();
}

Result<Progress> Updater::step(contact::Services& services, const Situation& at) {
  TRY(load());
  if (is_leaving_) return Progress{.next = at.now + kIdle, .wants_boot = true};
  auto done = advance(services, at);
  if (done && medium_due_ > at.now) done->next = std::min(done->next, medium_due_);
  if (done) return done;
  // Whatever it was that was planned: the next step looks anew.
  const Error& error = done.error();
  if (plan_) {
    for (const Goal& goal : plan_->goals) waiting_[goal.component] = error.reason.word();
  }
  if (!contact::heals_by_waiting(error)) forget_plan();
  return done;
}

Result<Progress> Updater::advance(contact::Services& services, const Situation& at) {
  auto busy = TRY(look_at_trials(at));
  TRY(count_boot(at));
  if (busy) return *std::move(busy);
  const bool has_risen = TRY(settle_floors(at));
  if (TRY(close_fallbacks(at)) || has_risen) return Progress{.next = at.now, .wants_evidence = true};
  const Progress idle{.next = at.now + kIdle};
  if (at.owner == nullptr) return idle;
  if (TRY(look_at_medium(at))) return Progress{.next = at.now, .has_news = true, .is_further = true};
  if (at.identity) {
    const Access access{*at.owner, *at.identity};
    service_source_.use(services, access);
    if (TRY(follow(services, at, access))) return Progress{.next = at.now, .has_news = true, .is_further = true};
  } else if (state_.follows_medium) {
    TRY(recall(*at.owner, recipient_of(at)));
  }
  if (!director_ || (!at.identity && !state_.follows_medium)) return idle;
  if (has_everything(**director_)) {
    forget_plan();
    is_hurried_ = false;
    return idle;
  }
  if (has_medium_ended(at)) return idle;
  if (!plan_ && TRY(plan(at))) return Progress{.next = at.now, .has_news = !plan_->refused.empty()};
  return work(at);
}

/// Of what runs, once in each boot.
Result<void> Updater::count_boot(const Situation& at) {
  if (state_.counted_boot == at.boot_count) return {};
  state_.counted_boot = at.boot_count;
  for (const auto& one : running(at.booted)) ++counts_of(state_, one.component, one.version).boots;
  return save();
}

Result<void> Updater::note_exit(const std::string& component, const std::string& version, bool is_crash) {
  TRY(load());
  const auto settings = state_.components.find(trust::update::settings_of(component));
  const bool is_theirs = settings != state_.components.end() && settings->second.attempt &&
                         settings->second.attempt->stage == Stage::Trying;
  const std::string tried = is_theirs ? settings->first : component;
  auto& counts = counts_of(state_, tried, is_theirs ? settings->second.attempt->holding.version : version);
  ++(is_crash ? counts.crashes : counts.exits);
  if (is_crash) ++crashes_[tried];
  return save();
}

bool Updater::is_trying() const {
  return std::ranges::any_of(state_.components, [](const auto& entry) {
    return entry.second.attempt && entry.second.attempt->stage == Stage::Trying;
  });
}

std::vector<ports::RunningComponent> Updater::running(const std::vector<ports::RunningComponent>& booted) const {
  std::vector<ports::RunningComponent> out = booted;
  for (const auto& [name, slot] : running_) {
    const auto known = state_.components.find(name);
    if (known == state_.components.end() || !known->second.place(slot)) continue;
    const Holding& holding = *known->second.place(slot);
    if (!restarts_in_place(holding.kind)) continue;
    ports::RunningComponent now{name, holding.version, holding.security_version};
    const auto listed = std::ranges::find(out, name, &ports::RunningComponent::component);
    if (listed != out.end()) {
      *listed = std::move(now);
    } else {
      out.push_back(std::move(now));
    }
  }
  return out;
}

std::vector<wire::ImageCounts> Updater::counts() const {
  std::vector<wire::ImageCounts> out;
  for (const auto& [name, component] : state_.components) {
    const std::size_t room = wire::kCountsMax - out.size();
    out.insert(out.end(), component.counts.begin(),
               component.counts.begin() + static_cast<std::ptrdiff_t>(std::min(room, component.counts.size())));
  }
  return out;
}

std::vector<wire::UpdateState> Updater::updates() const {
  using wire::UpdatePhase;
  std::vector<wire::UpdateState> out;
  for (const auto& [name, component] : state_.components) {
    if (component.attempt) {
      const auto why = waiting_.find(name);
      const bool is_tried = component.attempt->stage == Stage::Trying;
      const bool waits = !is_tried && why != waiting_.end();
      const UpdatePhase phase = is_tried ? UpdatePhase::Trying : waits ? UpdatePhase::Waiting : UpdatePhase::Fetching;
      out.push_back({name, component.attempt->image, phase, waits ? why->second : std::string()});
    } else if (component.failed) {
      out.push_back({name, component.failed->image, UpdatePhase::Failed, component.failed->reason});
    }
  }
  if (plan_) out.insert(out.end(), plan_->refused.begin(), plan_->refused.end());
  add_open(out);
  if (out.size() > wire::kRunningMax) out.resize(wire::kRunningMax);
  for (wire::UpdateState& one : out) {
    one.image.resize(std::min(one.image.size(), kImageSaidBytesMax));
    one.component.resize(std::min(one.component.size(), trust::update::kImageNameBytesMax));
  }
  return out;
}

Result<void> Updater::erase(ports::Disk& disk) {
  TRY(KeptOnDisk::erase(disk));
  TRY(disk.remove(kDirectorRecord));
  TRY(disk.remove(kOfflineDirectorRecord));
  return disk.remove(kStateRecord);
}

}  // namespace holdfast::device::update

#include <algorithm>

#include "base/text.h"
#include "device/contact/backoff.h"
#include "device/update/updater.h"

namespace holdfast::device::update {

namespace tuf = trust::tuf;

namespace {

constexpr std::string_view kOutsideWindow{"window"};
constexpr std::string_view kDeferred{"deferred"};
constexpr std::string_view kWorn{"wear"};

std::int64_t day_of(WallTime at) { return std::max<std::int64_t>(at.ms, 0) / Duration(days(1)).count(); }

}  // namespace

/// What is kept verifies under what the owner says now, or is fetched again.
Result<void> Updater::recall(const record::Owner& owner, const tuf::Recipient& recipient) {
  TRY(load());
  const bool is_carried = state_.follows_medium;
  const std::int64_t seen = is_carried ? state_.offline_director : state_.director;
  if (director_ || seen == 0) return {};
  const auto kept = TRY(parts_.disk.read(is_carried ? kOfflineDirectorRecord : kDirectorRecord));
  const auto documents = owner_documents(parts_.disk, owner);
  if (!documents && documents.error().reason != kOwnerDocumentsMissing) return std::unexpected(documents.error());
  if (!kept || !documents) return {};
  auto verified = is_carried ? tuf::verify_offline_targets(*kept, documents->policy, recipient, seen)
                             : tuf::verify_director_targets(*kept, documents->policy, recipient.device, seen);
  if (verified) {
    director_ = *std::move(verified);
    return {};
  }
  if (!is_carried) return {};
  // Its director was dismissed: what the service said last counts again.
  state_.follows_medium = false;
  return save();
}

/// Fetches what the director says, where it is new, was lost, or has ended; whether that was this step.
Result<bool> Updater::follow(contact::Services& services, const Situation& at, const Access& access) {
  const bool is_new = named_ > state_.director && named_ != asked_for_;
  if (!is_new) TRY(recall(*at.owner, recipient_of(at)));
  // What was carried here later than the service's last word counts until the service has a newer one.
  if (!is_new && state_.follows_medium) return false;
  const bool has_ended = director_ && (*director_)->expires <= at.wall && !has_everything(**director_);
  if (!is_new && !has_ended && (director_ || state_.director == 0)) return false;
  auto document = services.call(call_of(access, std::string(kDirectorPath)));
  if (!document && document.error().reason == contact::kServiceNotFound) {
    asked_for_ = named_;
    return is_new;
  }
  TRY(take_director(TRY(std::move(document)), at));
  return true;
}

Result<void> Updater::take_director(Blob document, const Situation& at) {
  const OwnerDocuments documents = TRY(owner_documents(parts_.disk, *at.owner));
  auto verified = TRY(tuf::verify_director_targets(document, documents.policy, at.device, state_.director));
  TRY(tuf::require_unexpired("the director's targets", verified->expires, at.wall));
  TRY(parts_.disk.write(kDirectorRecord, document));
  if (named_ > verified->version) asked_for_ = named_;
  return adopt(std::move(verified), false);
}

/// What failed is tried again once either director says so with a new version.
Result<void> Updater::adopt(trust::Verified<tuf::DirectorTargets> word, bool is_from_medium) {
  forget_plan();
  waiting_.clear();
  not_before_.clear();
  std::int64_t& seen = is_from_medium ? state_.offline_director : state_.director;
  if (word->version > seen) {
    for (auto& [name, component] : state_.components) component.failed.reset();
  }
  seen = word->version;
  state_.follows_medium = is_from_medium;
  director_ = std::move(word);
  return save();
}

ports::ImageRepository& Updater::source() {
  if (state_.follows_medium) return medium_source_;
  return service_source_;
}

bool Updater::is_there(const tuf::DirectedImage& image) const {
  return std::ranges::any_of(state_.components, [&](const auto& entry) {
    const auto running = running_.find(entry.first);
    if (running == running_.end() || entry.second.attempt) return false;
    const auto& holding = entry.second.place(running->second);
    return holding && holding->sha256 == image.sha256;
  });
}

bool Updater::has_failed(const tuf::DirectedImage& image) const {
  return std::ranges::any_of(state_.components, [&](const auto& entry) {
    return entry.second.failed && entry.second.failed->sha256 == image.sha256;
  });
}

/// Idle devices ask no repository: what they are to have is in place, or has failed and is not tried again.
bool Updater::has_everything(const tuf::DirectorTargets& directed) const {
  const bool is_busy =
      std::ranges::any_of(state_.components, [](const auto& entry) { return entry.second.attempt.has_value(); });
  return !is_busy && std::ranges::all_of(directed.images, [&](const auto& one) {
    return is_there(one.second) || has_failed(one.second);
  });
}

/// What nobody has begun with yet is no success either.
void Updater::add_open(std::vector<wire::UpdateState>& states) const {
  if (!director_) return;
  for (const auto& [path, image] : (*director_)->images) {
    const auto is_this = [&named = path](const wire::UpdateState& one) { return one.image == named; };
    if (is_there(image) || std::ranges::any_of(states, is_this)) continue;
    std::string component = path.substr(0, path.find('/'));
    const auto why = waiting_.find(component);
    const bool waits = why != waiting_.end();
    states.push_back({std::move(component), path, waits ? wire::UpdatePhase::Waiting : wire::UpdatePhase::Fetching,
                      waits ? why->second : std::string()});
  }
}

/// Asks the image repository, once for each word of the director.
Result<bool> Updater::plan(const Situation& at) {
  if (!client_) client_.emplace(source(), kept_);
  TRY(client_->refresh(at.wall));
  const auto now_running = running(at.booted);
  plan_ =
      TRY(make_plan(**director_, *client_, {at.product, hardware_, now_running}, state_, parts_.slots, parts_.floor));
  const WallTime good_until = std::min(*client_->good_until(), (*director_)->expires);
  client_.reset();
  for (const Goal& goal : plan_->goals) {
    running_[goal.component] = TRY(parts_.slots.facts(goal.component)).running;
  }
  bool is_changed = state_.good_until != good_until;
  state_.good_until = good_until;
  // What is no longer named is not gone on with; it is neither armed nor running here.
  for (Entry& entry : state_.components) {
    auto& attempt = entry.second.attempt;
    const bool is_named = std::ranges::any_of(plan_->goals, [&](const Goal& goal) {
      return goal.component == entry.first && attempt && goal.holding.sha256 == attempt->holding.sha256;
    });
    if (!attempt || is_named) continue;
    attempt.reset();
    are_floors_settled_ = false;
    is_changed = true;
  }
  if (is_changed) TRY(save());
  return true;
}

/// When fetches and restarts are allowed.
Instant Updater::allowed_at(const Situation& at) const {
  return is_hurried_ ? at.now : at.now + until_open(settings_, at.wall);
}

Progress Updater::wait(const std::string& component, std::string_view why, Instant until) {
  const bool is_news = std::exchange(waiting_[component], std::string(why)) != why;
  return {.next = until, .has_news = is_news};
}

/// The first goal that can be worked on.
Result<Progress> Updater::work(const Situation& at) {
  Progress idle{.next = at.now + hours(1)};
  bool is_open = false;
  const auto now_running = running(at.booted);
  for (Goal& goal : plan_->goals) {
    const ComponentState& component = state_.components[goal.component];
    if (component.failed && component.failed->sha256 == goal.holding.sha256) continue;
    const auto& holding = component.place(running_[goal.component]);
    if (holding && holding->sha256 == goal.holding.sha256 && !component.attempt) continue;
    if (!are_met(goal.needs, now_running)) {
      waiting_[goal.component] = trust::update::kImageNeedsUnmet.word();
      continue;
    }
    if (const auto due = not_before_.find(goal.component); due != not_before_.end() && due->second > at.now) {
      idle.next = std::min(idle.next, due->second);
      continue;
    }
    is_open = true;
    const Progress done = TRY(work_on(goal, at));
    if (done.next <= at.now || done.wants_boot || done.wants_evidence) return done;
    idle.next = std::min(idle.next, done.next);
    idle.has_news |= done.has_news;
  }
  is_hurried_ &= is_open;
  return idle;
}

Result<Progress> Updater::work_on(Goal& goal, const Situation& at) {
  const ports::SlotFacts facts = TRY(parts_.slots.facts(goal.component));
  if (facts.trial == ports::Trial::Running) return restart(goal.component, at);
  if (const Instant open = allowed_at(at); open > at.now) return wait(goal.component, kOutsideWindow, open);
  if (!TRY(is_known(goal, facts))) return Progress{.next = at.now};
  const auto& attempt = state_.components[goal.component].attempt;
  if (!attempt || attempt->holding.sha256 != goal.holding.sha256) {
    const auto& confirmed = state_.components[goal.component].place(facts.confirmed);
    if (confirmed && confirmed->sha256 == goal.holding.sha256) {
      state_.components[goal.component].attempt.reset();
      are_floors_settled_ = false;
      TRY(save());
      return Progress{.next = at.now};
    }
    if (const Wear& wear = state_.components[goal.component].wear; wear.day == day_of(at.wall)) {
      if (wear.fills >= kFillsPerDay) return wait(goal.component, kWorn, at.now + hours(1));
    }
    TRY(begin(goal, facts, at));
    return Progress{.next = at.now, .has_news = true};
  }
  if (attempt->stage == Stage::Writing) return fetch(goal, facts, at);
  if (attempt->waits > 0 && !has_reached(*attempt, at)) {
    return wait(goal.component, kServiceUnreached, at.now + hours(1));
  }
  if (at.is_in_use && !is_hurried_) {
    if (!deferred_since_) deferred_since_ = at.now;
    const Instant end = *deferred_since_ + settings_.deferral_max;
    if (end > at.now) return wait(goal.component, kDeferred, std::min(end, at.now + minutes(5)));
  }
  deferred_since_.reset();
  waiting_.erase(goal.component);
  return try_out(goal.component, at);
}

/// What the confirmed place holds, found out by reading it where no record says; whether that is over.
Result<bool> Updater::is_known(const Goal& goal, ports::SlotFacts facts) {
  ComponentState& component = state_.components[goal.component];
  if (component.place(facts.confirmed)) return true;
  if (!survey_ || survey_->component != goal.component) {
    survey_ = Survey{goal.component, {goal.holding}, {}};
    if (goal.before && goal.before->sha256 != goal.holding.sha256) survey_->candidates.push_back(*goal.before);
    std::erase_if(survey_->candidates, [&](const Holding& one) { return one.length > facts.capacity; });
  }
  if (survey_->candidates.empty()) return true;
  const Holding candidate = survey_->candidates.back();
  if (!survey_->hasher) survey_->hasher.emplace(Place{goal.component, facts.confirmed, candidate.length});
  const auto digest = TRY(survey_->hasher->step(parts_.slots));
  if (!digest) return false;
  survey_->hasher.reset();
  survey_->candidates.pop_back();
  if (*digest != candidate.sha256) return false;
  component.place(facts.confirmed) = candidate;
  are_floors_settled_ = false;  // before anything is begun
  TRY(save());
  return false;
}

/// Written down before the first byte is: from now on nobody knows what the spare place holds.
Result<void> Updater::begin(const Goal& goal, ports::SlotFacts facts, const Situation& at) {
  ComponentState& component = state_.components[goal.component];
  if (component.wear.day != day_of(at.wall)) component.wear = {day_of(at.wall), 0};
  ++component.wear.fills;
  component.place(other(facts.confirmed)).reset();
  Attempt fresh;
  fresh.image = goal.image;
  fresh.holding = goal.holding;
  fresh.director = (*director_)->version;
  component.attempt = std::move(fresh);
  are_floors_settled_ = false;
  transfer_.reset();
  return save();
}

Result<Progress> Updater::fetch(const Goal& goal, ports::SlotFacts facts, const Situation& at) {
  if (paced_ > at.now) return Progress{.next = paced_};
  ComponentState& component = state_.components[goal.component];
  if (!transfer_ || transfer_->goal().holding.sha256 != goal.holding.sha256) {
    transfer_.emplace(parts_.slots, goal, facts, component.place(facts.confirmed));
  }
  const std::int64_t written = transfer_->written_segments();
  auto stepped = transfer_->step(source());
  if (!stepped && stepped.error().reason == trust::update::kVerityDiffers) {
    blame(*state_.components.find(goal.component), std::string(trust::update::kVerityDiffers.word()));
    transfer_.reset();
    TRY(save());
    return Progress{.next = at.now, .has_news = true};
  }
  const Transfer::Progress done = TRY(std::move(stepped));
  const bool is_further = transfer_->written_segments() > written;
  waiting_.erase(goal.component);
  paced_ = at.now + pace(settings_, done.fetched);
  if (!done.is_done) return Progress{.next = at.now, .is_further = is_further};
  transfer_.reset();
  component.place(other(facts.confirmed)) = component.attempt->holding;
  component.attempt->stage = Stage::Staged;
  TRY(save());
  return Progress{.next = at.now, .is_further = true};
}

}  // namespace holdfast::device::update

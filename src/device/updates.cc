#include <algorithm>

#include "base/text.h"
#include "device/agent.h"
#include "trust/appraisal/verdict.h"
#include "trust/update/time_statement.h"

namespace holdfast::device {

using record::Attested;
using record::Identity;
using record::Owner;
using record::TlsKeys;

static_assert(trust::update::kTimeNonceBytes == wire::kTimeNonceBytes);

namespace {

/// What a vault that lost its floor, or a device that has a new one, is told.
bool lacks_floor_alone(const Attested& attested) {
  const auto is_floor = [](const wire::AttestFinding& one) {
    return one.check == trust::appraisal::name_of(trust::appraisal::Check::AboveFloor);
  };
  const auto& findings = attested.result.findings;
  return attested.result.verdict == "update-only" && !findings.empty() && std::ranges::all_of(findings, is_floor);
}

}  // namespace

void Agent::make_updater() {
  if (ports_.slots == nullptr || ports_.floor == nullptr) return;
  updater_.emplace(update::Parts{ports_.disk, *ports_.slots, *ports_.floor, ports_.random, ports_.medium},
                   settings_.hardware, settings_.updates);
}

/// A trial is watched whatever else the device has lost.
bool Agent::may_update() const { return updater_ && (is_enrolled() || updater_->is_trying()); }

/// Older services refuse what they do not know, so that a service speaks of updates first.
bool Agent::speaks_of_updates() const { return updater_ && !speaks_plainly_ && updater_->is_directed(); }

std::vector<ports::RunningComponent> Agent::running() const {
  return updater_ ? updater_->running(facts_->running) : facts_->running;
}

/// What the boot's measurements say nothing of that a vault could vouch for.
Result<attest::Told> Agent::told_with(const ports::BootFacts& boot) {
  attest::Told out;
  if (!updater_ || speaks_plainly_) return out;
  out.escrow = boot.escrow;
  out.floors = TRY(updater_->floors(boot.running));
  if (!updater_->is_directed()) return out;
  out.started = updater_->running(boot.running);
  std::erase_if(out.started,
                [&](const auto& one) { return std::ranges::find(boot.running, one) != boot.running.end(); });
  return out;
}

update::Situation Agent::situation(Moment at) const {
  update::Situation out{.now = at.now, .wall = at.wall, .boot_count = facts_->boot_count, .booted = facts_->running};
  if (records_.get<Owner>()) out.owner = &*records_.get<Owner>();
  if (const auto& identity = records_.get<Identity>()) {
    out.device = identity->device;
    out.product = identity->product;
    out.device_group = identity->device_group;
  }
  if (may_check_in()) {
    out.identity = check_in::identity_of({*records_.get<Owner>(), *records_.get<TlsKeys>(), *records_.get<Attested>(),
                                          records_.get<record::AuditSeen>()});
  }
  if (is_attested_this_boot()) {
    out.attested_at = records_.get<Attested>()->at;
    out.is_healthy = records_.get<Attested>()->result.verdict == "healthy";
    out.lacks_floor_alone = lacks_floor_alone(*records_.get<Attested>());
  }
  out.checked_in_at = checked_in_at_;
  out.is_in_use = is_in_use_;
  return out;
}

Result<void> Agent::update(contact::Services& services, Moment at) {
  if (updater_->is_medium_due(at.now) && is_enrolled() && TRY(take_carried_policy(at))) {
    timer(Activity::Update).due = at.now;  // it may have changed what time it is
    is_further_ = true;
    return {};
  }
  auto stepped = updater_->step(services, situation(at));
  tell_medium(updater_->take_medium_refusal());
  const update::Progress progress = TRY(std::move(stepped));
  timer(Activity::Update).due = std::max(progress.next, at.now);
  is_further_ = progress.is_further || progress.next > at.now;
  if (progress.has_news && is_enrolled()) {
    TRY(updater_->recall(*records_.get<Owner>(), update::recipient_of(situation(at))));
  }
  if (progress.has_news) tell_updates();
  if (progress.has_news && timer(Activity::CheckIn).failures == 0) timer(Activity::CheckIn).due = at.now;
  if (progress.wants_boot) {
    wants_boot_ = true;
    event("restart", {{"what", "the device"}});
  }
  if (!progress.wants_evidence || timer(Activity::Attest).failures > 0) return {};
  wants_attestation_ = true;
  const auto& attested = records_.get<Attested>();
  timer(Activity::Attest).due = is_attested_this_boot() ? std::max(at.now, attested->at + kAttestApart) : at.now;
  return {};
}

/// A newer trust policy than the pinned one, which may name another offline director; whether there was one. The Error
/// is the disk's.
Result<bool> Agent::take_carried_policy(Moment at) {
  const auto look = [&]() -> Result<std::optional<bootstrap::Found>> {
    if (!TRY(ports_.medium->look())) return std::optional<bootstrap::Found>();
    const auto root = TRY(ports_.disk.read(update::kOwnerRootRecord));
    if (!root) return std::optional<bootstrap::Found>();
    return bootstrap::carried(*ports_.medium, *records_.get<Owner>(), *root, judged(at.wall, at));
  };
  auto found = look();
  if (!found && found.error().reason == ports::kDiskFailed) return std::unexpected(std::move(found).error());
  if (found && *found) {
    TRY(keep_owner(**std::move(found)));
    return true;
  }
  const auto before = std::exchange(policy_refused_, found ? std::nullopt : std::optional(found.error().reason));
  if (!found && before != found.error().reason) tell_medium(found.error());
  return false;
}

void Agent::tell_medium(const std::optional<Error>& refused) {
  if (!refused) return;
  event("medium", {{"refused", std::string(refused->reason.word())}, {"why", printable(refused->message)}});
}

void Agent::tell_updates() {
  const auto updates = updater_->updates();
  for (const wire::UpdateState& one : updates) {
    event("update", {{"component", printable(one.component)},
                     {"image", printable(one.image)},
                     {"phase", std::string(wire::name_of(one.phase))},
                     {"reason", printable(one.reason)}});
  }
  if (!updates.empty()) return;
  const update::State& state = updater_->state();
  event("update", {{"phase", "done"},
                   {state.follows_medium ? "carried" : "director",
                    cat(state.follows_medium ? state.offline_director : state.director)}});
}

/// Something that an update may wait for has happened; what failed waits all the same.
void Agent::look_at_updates(Instant now) {
  if (updater_ && timer(Activity::Update).failures == 0) timer(Activity::Update).due = now;
}

Result<check_in::News> Agent::news(Moment at) {
  TRY(updater_->recall(*records_.get<Owner>(), update::recipient_of(situation(at))));
  check_in::News out;
  out.director = updater_->director();
  out.counts = updater_->counts();
  out.updates = updater_->updates();
  if (time_floor_.wants(at.now) || timer(Activity::Update).failures > 0)
    out.time_nonce = ports::random_array<wire::kTimeNonceBytes>(ports_.random);
  return out;
}

/// The Error is the disk's: a time that does not verify is as good as none.
Result<void> Agent::hear(const check_in::News& said, const wire::CheckInResult& result, Moment at) {
  if (!updater_) return {};
  if (result.director > 0) speaks_plainly_ = false;
  const bool is_new = updater_->note_director(result.director);
  if (result.update_now) updater_->hurry();
  if (is_new || result.update_now) timer(Activity::Update) = {};
  look_at_updates(at.now);
  if (!result.time || !said.time_nonce) return {};
  const auto documents = update::owner_documents(ports_.disk, *records_.get<Owner>());
  if (!documents && documents.error().reason != update::kOwnerDocumentsMissing) {
    return std::unexpected(documents.error());
  }
  const auto& identity = records_.get<Identity>();
  const auto told = documents ? trust::update::verify_time_statement(*result.time, documents->policy, identity->device,
                                                                     *said.time_nonce)
                              : std::unexpected(documents.error());
  if (told) return time_floor_.hear((*told)->time, at.now, updater_->state().good_until);
  event("time", {{"failed", std::string(told.error().reason.word())}, {"why", printable(told.error().message)}});
  return {};
}

Result<void> Agent::note_exit(const std::string& component, const std::string& version, bool is_crash) {
  if (!updater_) return {};
  TRY(updater_->note_exit(component, version, is_crash));
  if (updater_->is_trying()) timer(Activity::Update).due = {};
  return {};
}

Result<void> Agent::reset_settings() { return updater_ ? updater_->reset_settings() : Result<void>(); }

Result<void> Agent::erase_updates() {
  if (!updater_) return {};
  TRY(updater_->erase_settings());
  TRY(update::Updater::erase(ports_.disk));
  TRY(update::erase_owner_documents(ports_.disk));
  make_updater();
  return {};
}

}  // namespace holdfast::device

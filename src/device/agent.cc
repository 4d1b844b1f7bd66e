#include "device/agent.h"

#include <algorithm>

#include "base/text.h"
#include "device/attest/attest.h"
#include "device/contact/backoff.h"
#include "trust/crypto/hash.h"
#include "wire/trace.h"

namespace holdfast::device {
namespace {

using record::AttestationKey;
using record::Attested;
using record::AuditSeen;
using record::Identity;
using record::Owner;
using record::Release;
using record::Ticket;
using record::TlsKeys;
using record::Trouble;

constexpr Duration kRetryAfterMax = hours(24);
constexpr std::size_t kMessageBytesMax = 900;

}  // namespace

std::string_view name_of(Activity activity) {
  constexpr std::array<std::string_view, kActivityCount> kNames = {
      "read-boot", "bootstrap", "make-attestation-key", "enroll",         "make-tls-keys", "attest",
      "check-in",  "update",    "ask-for-release",      "confirm-release"};
  return kNames[static_cast<std::size_t>(activity)];
}

Agent::Agent(const Ports& ports, AgentSettings settings)
    : ports_(ports), settings_(std::move(settings)), records_(ports.disk), time_floor_(ports.disk) {
  make_updater();
}

void Agent::event(std::string_view name, std::vector<std::pair<std::string, std::string>> fields) {
  if (events_.size() >= kEventsMax) events_.erase(events_.begin());
  if (!trace_.empty()) fields.emplace_back("trace", trace_);
  events_.push_back({std::string(name), std::move(fields)});
}

Result<void> Agent::offer_ticket(Bytes file) {
  offered_ = TRY(Ticket::decode(file));
  return {};
}

void Agent::wake() {
  for (Timer& one : timers_) one.due = {};
  if (updater_) updater_->look_at_medium_again();
}

void Agent::retry() {
  for (Timer& one : timers_) {
    if (one.failures > 0) one.due = {};
  }
}

bool Agent::is_enrolled() const {
  return records_.get<Owner>() && records_.get<Identity>() && records_.get<AttestationKey>();
}

bool Agent::is_attested_this_boot() const {
  const auto& attested = records_.get<Attested>();
  return attested && facts_ && attested->boot_count == facts_->boot_count;
}

/// A quarantined device's certificate admits it to nothing yet but to attest anew.
bool Agent::may_check_in() const {
  const auto& attested = records_.get<Attested>();
  return is_attested_this_boot() && attested->certificate() && attested->result.verdict != "quarantined";
}

bool Agent::is_released() const {
  const auto& release = records_.get<Release>();
  return release && release->is_told && waits_for_ticket();
}

bool Agent::is_confirming_release() const {
  const auto& release = records_.get<Release>();
  return release && !release->is_told;
}

bool Agent::waits_for_ticket() const {
  return !is_enrolled() && !records_.get<Owner>() && !records_.get<Ticket>() && !offered_;
}

bool Agent::has_unused_ticket() const {
  const auto& ticket = records_.get<Ticket>();
  const auto& identity = records_.get<Identity>();
  const auto is_unused = [&](const std::optional<Ticket>& one) {
    return one && (!identity || identity->ticket != one->digest);
  };
  return is_unused(offered_) || is_unused(ticket);
}

bool Agent::needs_bootstrap() const {
  const auto& owner = records_.get<Owner>();
  const auto& ticket = records_.get<Ticket>();
  const bool is_new_ticket = !is_enrolled() && ticket && owner && owner->ticket != ticket->digest;
  return wants_bootstrap_ || !owner || owner->service_ca.empty() || is_new_ticket;
}

std::vector<Activity> Agent::open_activities() const {
  if (!facts_) return {Activity::ReadBoot};
  std::vector<Activity> open;
  // The owner of before hears of it whatever becomes of the device.
  if (is_confirming_release()) open.push_back(Activity::ConfirmRelease);
  if (may_update() && !is_enrolled()) open.push_back(Activity::Update);
  if (!is_enrolled()) {
    if (waits_for_ticket()) return open;
    open.push_back(needs_bootstrap()                ? Activity::Bootstrap
                   : records_.get<AttestationKey>() ? Activity::Enroll
                                                    : Activity::MakeAttestationKey);
    return open;
  }
  if (wants_release_) open.push_back(Activity::AskForRelease);
  if (!records_.get<TlsKeys>()) {
    open.push_back(Activity::MakeTlsKeys);
    return open;
  }
  if (needs_bootstrap()) open.push_back(Activity::Bootstrap);
  open.push_back(Activity::Attest);
  if (may_check_in()) open.push_back(Activity::CheckIn);
  if (may_update()) open.push_back(Activity::Update);
  return open;
}

Instant Agent::due(Activity activity, Instant now) const {
  const Instant by_timer = timer(activity).due;
  if (activity != Activity::Attest || wants_attestation_ || !is_attested_this_boot()) return by_timer;
  const Attested& attested = *records_.get<Attested>();
  // Instants go on within one boot; one from later than now means that the boot count lied.
  return attested.at > now ? by_timer : std::max(by_timer, attested.at + attested.renew_after);
}

/// Brings memory and disk together and finishes what a power cut left.
Result<void> Agent::settle() {
  TRY(records_.load());
  for (const std::string& name : records_.take_damaged()) event("record-damaged", {{"record", name}});
  TRY(erase_for_release());
  if (updater_) TRY(updater_->load());
  const auto& release = records_.get<Release>();
  if (release && offered_ && release->old_ticket == offered_->digest) offered_.reset();
  const auto& ticket = records_.get<Ticket>();
  if (is_enrolled()) {
    if (ticket && ticket->digest == records_.get<Identity>()->ticket) TRY(records_.erase<Ticket>());
    return {};
  }
  if (!offered_) return {};
  if (ticket && ticket->digest == offered_->digest) {
    offered_.reset();
    return {};
  }
  TRY(records_.put(std::move(*std::exchange(offered_, {}))));
  event("claim-ticket", {{"catalog", printable(records_.get<Ticket>()->ticket.catalog)}});
  for (const Activity one : {Activity::Bootstrap, Activity::MakeAttestationKey, Activity::Enroll}) timer(one) = {};
  return {};
}

Result<Instant> Agent::step(Instant now, WallTime clock) {
  TRY(settle());
  if (wants_boot_) return now + kIdle;
  const WallTime wall = TRY(time_floor_.judged(now, clock));
  const auto open = open_activities();
  const auto chosen = std::ranges::find_if(open, [&](Activity one) { return due(one, now) <= now; });
  if (chosen != open.end()) {
    trace_ = wire::trace_from(ports::random_array<wire::kTraceBytes>(ports_.random));
    // Who is told the time soon does not go by a clock that may be ahead.
    Moment at{now, wall, wall, clock};
    if (speaks_of_updates()) at.earliest = TRY(time_floor_.earliest(now));
    contact::Services services(ports_.net, trace_, at.earliest);
    const Result<void> done = perform(*chosen, services, at);
    TRY(done ? succeeded(*chosen, now) : failed(*chosen, done.error(), services.asked_to_wait(), at));
    trace_.clear();
  }
  Instant next = now + kIdle;
  for (const Activity one : open_activities()) next = std::min(next, due(one, now));
  return std::max(next, now);
}

Result<void> Agent::perform(Activity activity, contact::Services& services, Moment at) {
  switch (activity) {
    case Activity::ReadBoot: return read_boot();
    case Activity::Bootstrap: return bootstrap(services, at);
    case Activity::MakeAttestationKey: return make_attestation_key();
    case Activity::Enroll: return enroll(services);
    case Activity::MakeTlsKeys: return make_tls_keys();
    case Activity::Attest: return attest(services, at);
    case Activity::CheckIn: return check_in(services, at);
    case Activity::Update: return update(services, at);
    case Activity::AskForRelease: return ask_for_release(services, at);
    case Activity::ConfirmRelease: return confirm_release(services, at);
  }
  return {};
}

Result<void> Agent::succeeded(Activity activity, Instant now) {
  // A step on the way to one that failed is no success, or its waits would never grow.
  if (activity == Activity::Update && !is_further_) return {};
  timer(activity).failures = 0;
  timer(activity).due = std::max(timer(activity).due, now);
  failure_.reset();
  const auto& trouble = records_.get<Trouble>();
  if (trouble && trouble->activity == name_of(activity)) TRY(records_.erase<Trouble>());
  return {};
}

Result<void> Agent::failed(Activity activity, const Error& error, std::optional<Duration> asked_to_wait, Moment at) {
  const bool is_repaired = TRY(repaired(activity, error));
  Timer& waiting = timer(activity);
  ++waiting.failures;
  const bool heals = contact::heals_by_waiting(error);
  Duration wait =
      contact::backoff(heals ? contact::kBackoffSoon : contact::kBackoffRefused, waiting.failures, ports_.random);
  if (activity == Activity::Attest && heals) wait = std::min(wait, renewal_patience());
  wait = std::max(wait, std::min(asked_to_wait.value_or(Duration::zero()), kRetryAfterMax));
  // What was repaired for the first time is tried again at once.
  waiting.due = is_repaired && waiting.failures == 1 ? at.now : at.now + wait;
  // Whether the owner lets it go is asked beside the way, and stands in nobody's.
  const bool is_aside = activity == Activity::AskForRelease;
  if (!is_repaired && !is_aside && activity != Activity::Update) failure_ = error;
  const Trouble trouble = {std::string(name_of(activity)), std::string(error.reason.word()),
                           printable(error.message, kMessageBytesMax), at.wall};
  event(
      name_of(activity),
      {{"failed", trouble.reason}, {"why", trouble.message}, {"again_in", contact::in_seconds(waiting.due - at.now)}});
  if (is_aside) return {};
  const auto& known = records_.get<Trouble>();
  const bool is_known = known && known->activity == trouble.activity && known->message == trouble.message;
  if (!is_known) TRY(records_.put(trouble));
  return {};
}

/// How long a renewal that failed may wait, so that some more attempts fit into what is left of the certificates.
Duration Agent::renewal_patience() const {
  const auto& attested = records_.get<Attested>();
  if (!is_attested_this_boot() || attested->renew_after == Duration::zero()) return contact::kBackoffMax;
  return std::max(attested->renew_after / 4, kAttestApart);
}

/// Does what a failure calls for besides waiting. The Error is the disk's.
Result<bool> Agent::repaired(Activity activity, const Error& error) {
  const bool is_foreign = error.reason == ports::kVaultKeyForeign;
  const bool is_closed = error.reason == ports::kVaultClosed;
  const bool is_tls_foreign =
      error.reason == attest::kTlsKeyForeign || ((is_foreign || is_closed) && activity == Activity::CheckIn);
  if (is_tls_foreign) {
    TRY(records_.erase<Attested>());
    TRY(records_.erase<TlsKeys>());
    return true;
  }
  if (is_foreign || (error.reason == contact::kServiceDisowns && has_unused_ticket())) {
    TRY(forget_enrolment());
    return true;
  }
  // An older service does not understand what it does not know.
  const bool spoke_of_news =
      activity == Activity::CheckIn ? speaks_of_updates() : activity == Activity::Attest && updater_;
  if (spoke_of_news && !speaks_plainly_ && error.reason == contact::kServiceMisunderstands) {
    speaks_plainly_ = true;
    return true;
  }
  if (error.reason == update::kOwnerDocumentsMissing) wants_bootstrap_ = true;
  const bool is_elsewhere = error.reason == ports::kNetPeerUnverified || error.reason == contact::kServiceMoved;
  if (is_elsewhere && activity != Activity::Bootstrap) wants_bootstrap_ = true;
  const bool is_unwelcome = error.reason == contact::kServiceDenied || error.reason == ports::kNetCertificateEnded;
  if (activity == Activity::CheckIn && is_unwelcome) {
    // Superseded, revoked or ended: fresh evidence is the only way to another certificate.
    wants_attestation_ = true;
    return timer(activity).failures == 0;
  }
  return false;
}

/// Goes on where it was cut: the attestation key that was let go is the last to go, and its presence starts this anew.
Result<void> Agent::erase_for_release() {
  const auto& release = records_.get<Release>();
  const auto& key = records_.get<AttestationKey>();
  if (!release || !key || trust::crypto::sha256(key->key.public_area) != release->attestation_key) return {};
  // One that is not the old owner's is the next one's.
  const auto& ticket = records_.get<Ticket>();
  if (ticket && ticket->digest == release->old_ticket) TRY(records_.erase<Ticket>());
  if (ports_.sealed) TRY(ports_.sealed->erase());
  TRY(erase_updates());
  TRY(records_.erase<Attested>());
  TRY(records_.erase<TlsKeys>());
  TRY(records_.erase<AuditSeen>());
  TRY(records_.erase<Trouble>());
  TRY(records_.erase<Identity>());
  TRY(records_.erase<Owner>());
  TRY(records_.erase<AttestationKey>());
  for (Timer& one : timers_) one = {};
  failure_.reset();
  unhealthy_verdicts_ = 0;
  wants_bootstrap_ = wants_attestation_ = wants_release_ = has_checked_in_ = false;
  checked_in_at_.reset();
  event("released", {});
  return {};
}

/// Ends in "not enrolled" wherever it is cut: the identity counts only with its attestation key.
Result<void> Agent::forget_enrolment() {
  TRY(records_.erase<Attested>());
  TRY(records_.erase<TlsKeys>());
  TRY(records_.erase<AttestationKey>());
  TRY(records_.erase<Identity>());
  event("forgot-enrolment", {});
  return {};
}

}  // namespace holdfast::device

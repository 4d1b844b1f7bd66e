#include <algorithm>

#include "base/text.h"
#include "device/agent.h"
#include "device/attest/attest.h"
#include "device/bootstrap/bootstrap.h"
#include "device/check_in/check_in.h"
#include "device/contact/backoff.h"
#include "device/enroll/enroll.h"
#include "device/release/release.h"
#include "trust/tpm/public_area.h"

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

/// The sentence of a verdict that lets the device do nothing: with the first check that did not pass.
std::unexpected<Error> refused(const wire::AttestResult& result) {
  std::string sentence = cat("expected the verdict healthy or update-only, saw ", result.verdict);
  if (!result.findings.empty()) {
    const wire::AttestFinding& first = result.findings.front();
    sentence +=
        cat(", ", printable(first.check), ": expected ", printable(first.expected), ", saw ", printable(first.seen));
  }
  return fail(Next::Denied, kAttestationRefused, std::move(sentence));
}

}  // namespace

Result<void> Agent::read_boot() {
  facts_ = TRY(ports_.boot.facts());
  facts_->event_log = Blob();  // gives its memory back, which `= {}` does not
  return bind_client_key();
}

/// A client key from before good boots could be told, or from one that was none, makes room for one that is bound.
Result<void> Agent::bind_client_key() {
  const auto& keys = records_.get<TlsKeys>();
  if (!keys || !ports_.vault.binds_client_keys()) return {};
  const auto area = trust::tpm::parse_public_area(keys->client.public_area);
  if (area && !area->auth_policy.empty()) return {};
  TRY(records_.erase<Attested>());
  return records_.erase<TlsKeys>();
}

Result<void> Agent::bootstrap(contact::Services& services, Moment at) {
  // An enrolled device's unused ticket is for later; its owner is the pinned one.
  const std::optional<Ticket> none;
  const auto& ticket = is_enrolled() ? none : records_.get<Ticket>();
  // The trust policy names who tells the time: a clock that is ahead must not stand in its way.
  TRY(keep_owner(TRY(bootstrap::bootstrap(services, records_.get<Owner>(), ticket, judged(at.earliest, at)))));
  wants_bootstrap_ = false;
  return {};
}

bootstrap::Judged Agent::judged(WallTime now, Moment at) const {
  const auto& identity = records_.get<Identity>();
  return {now, at.clock, identity ? identity->device : std::string()};
}

/// The pin comes last: until it is there, the same is found again.
Result<void> Agent::keep_owner(bootstrap::Found found) {
  event("bootstrap", {{"catalog", found.owner.catalog},
                      {"trust_policy", cat(found.owner.trust_policy.version)},
                      {"services", printable(join(found.owner.services, ","))}});
  if (found.time_floor) {
    event("time-floor", {{"lowered_to", to_rfc3339(*found.time_floor)}});
    TRY(time_floor_.lower(*found.time_floor));
  }
  if (updater_) TRY(update::keep_owner_documents(ports_.disk, found.root, found.trust_policy));
  TRY(records_.put(std::move(found.owner)));
  if (updater_) updater_->look_at_director_again();
  return {};
}

/// A new attestation key begins everything anew; what belonged to another one goes first.
Result<void> Agent::make_attestation_key() {
  TRY(records_.erase<Attested>());
  TRY(records_.erase<TlsKeys>());
  TRY(records_.erase<Identity>());
  ports::VaultKey key = TRY(ports_.vault.create_key(ports::KeyUse::Attestation));
  TRY(records_.put(AttestationKey{std::move(key)}));
  event("make-attestation-key", {});
  return {};
}

Result<void> Agent::enroll(contact::Services& services) {
  const auto& ticket = records_.get<Ticket>();
  auto identity =
      TRY(enroll::enroll(services, ports_.vault, *records_.get<Owner>(), ticket, records_.get<AttestationKey>()->key));
  event("enroll", {{"device", identity.device},
                   {"catalog", identity.catalog},
                   {"product", printable(identity.product)},
                   {"device_group", printable(identity.device_group)}});
  TRY(records_.put(std::move(identity)));
  if (!is_confirming_release()) TRY(records_.erase<Release>());
  return records_.erase<Ticket>();
}

Result<void> Agent::make_tls_keys() {
  auto client = TRY(ports_.vault.create_key(ports::KeyUse::Client));
  auto update = TRY(ports_.vault.create_key(ports::KeyUse::Update));
  TRY(records_.put(TlsKeys{std::move(client), std::move(update)}));
  event("make-tls-keys", {});
  return {};
}

Result<void> Agent::attest(contact::Services& services, Moment at) {
  const attest::Device device = {*records_.get<Owner>(), *records_.get<Identity>(), records_.get<AttestationKey>()->key,
                                 *records_.get<TlsKeys>()};
  const ports::BootFacts facts = TRY(ports_.boot.facts());
  auto said = TRY(attest::attest(services, ports_.vault, device, facts, TRY(told_with(facts))));
  auto result = TRY(attest::accept(std::move(said), device));
  const auto& before = records_.get<Attested>();
  const bool is_shut_out = result.verdict == "refused" || result.verdict == "quarantined";
  // What was given for repair stays until it ends or the service no longer takes it.
  if (!result.update_certificate && before) result.update_certificate = before->result.update_certificate;
  Attested attested = {std::move(result), facts.boot_count, at.now, at.wall, Duration::zero()};
  const bool is_healthy = attested.result.verdict == "healthy" && attested.certificate() != nullptr;
  if (is_healthy) {
    const Duration half = TRY(attest::half_life(attested.result));
    attested.renew_after = contact::jittered(half, attest::kRenewalJitterPercent, ports_.random);
  }
  event("attest", {{"verdict", attested.result.verdict},
                   {"client_certificate", attested.is_client() ? "yes" : "no"},
                   {"update_certificate", attested.result.update_certificate ? "yes" : "no"},
                   {"renew_in", is_healthy ? contact::in_seconds(attested.renew_after) : "after a wait"}});
  unhealthy_verdicts_ = is_healthy ? 0 : unhealthy_verdicts_ + 1;
  TRY(records_.put(std::move(attested)));
  plan_after_attestation(at.now);
  // Who may not check in would not hear otherwise that the owner lets the device go.
  wants_release_ |= is_shut_out;
  if (is_shut_out) return refused(records_.get<Attested>()->result);
  return {};
}

void Agent::plan_after_attestation(Instant now) {
  wants_attestation_ = false;
  timer(Activity::Attest).due = now;
  if (unhealthy_verdicts_ > 0) {
    timer(Activity::Attest).due = now + contact::backoff(contact::kBackoffRefused, unhealthy_verdicts_, ports_.random);
  }
  // A service that refused the last certificate at once gets the next one after its wait.
  if (timer(Activity::CheckIn).failures <= 1) timer(Activity::CheckIn).due = now;
  look_at_updates(now);
}

Result<void> Agent::check_in(contact::Services& services, Moment at) {
  check_in::Device device = {*records_.get<Owner>(), *records_.get<TlsKeys>(), *records_.get<Attested>(),
                             records_.get<AuditSeen>()};
  if (speaks_of_updates()) device.news = TRY(news(at));
  const ports::BootFacts facts{.event_log = {}, .boot_count = facts_->boot_count, .running = running()};
  const auto result = TRY(check_in::check_in(services, device, facts));
  has_checked_in_ = true;
  checked_in_at_ = at.now;
  const Duration again = contact::jittered(result.check_in_again, check_in::kJitterPercent, ports_.random);
  event("check-in", {{"certificate", device.attested.is_client() ? "client" : "update"},
                     {"again_in", contact::in_seconds(again)},
                     {"attest_now", result.attest_now ? "yes" : "no"}});
  timer(Activity::CheckIn).due = at.now + again;
  TRY(hear(device.news.value_or(check_in::News{}), result, at));
  if (result.trust_policy > device.owner.trust_policy.version) {
    wants_bootstrap_ = true;
    timer(Activity::Bootstrap).due = at.now;
  }
  wants_release_ |= result.release;
  if (result.attest_now) {
    wants_attestation_ = true;
    timer(Activity::Attest).due = std::max(at.now, device.attested.at + kAttestApart);
  }
  if (!result.audit_head) return {};
  TRY(check_in::require_forward(device.audit, *result.audit_head));
  if (device.audit && device.audit->head == *result.audit_head) return {};
  return records_.put(AuditSeen{*result.audit_head});
}

/// On disk it is certain; the next step erases, and goes on erasing wherever it was cut.
Result<void> Agent::ask_for_release(contact::Services& services, Moment at) {
  const release::Device device = {*records_.get<Owner>(), *records_.get<Identity>(),
                                  records_.get<AttestationKey>()->key};
  auto found = TRY(release::ask(services, ports_.vault, device, at.wall));
  wants_release_ = false;
  if (!found) return {};
  event("let-go", {{"by", device.owner.catalog}});
  TRY(records_.put(*std::move(found)));
  return erase_for_release();
}

Result<void> Agent::confirm_release(contact::Services& services, Moment at) {
  Release told = *records_.get<Release>();
  if (at.wall < told.expires) TRY(release::confirm(services, told));
  told.is_told = true;
  event("confirm-release", {});
  if (is_enrolled()) return records_.erase<Release>();
  return records_.put(std::move(told));
}

}  // namespace holdfast::device

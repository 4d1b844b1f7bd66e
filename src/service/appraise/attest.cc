#include "service/appraise/attest.h"

#include "base/encoding.h"
#include "base/text.h"
#include "service/appraise/knowledge.h"
#include "service/audit/audit.h"
#include "service/identity/authorities.h"
#include "service/identity/certificates.h"
#include "service/webhook/outbox.h"
#include "trust/appraisal/explain.h"

namespace holdfast::service::appraise {
namespace {

using ports::CertificateKind;
using ports::KeyPurpose;
using ports::NonceRow;
using ports::Table;
using trust::appraisal::Appraisal;
using trust::appraisal::Check;
using trust::appraisal::Outcome;
using trust::appraisal::Verdict;

constexpr std::int64_t kAppraisalsKept = 1000;
/// Devices' clocks may be behind ours.
constexpr Duration kBackdated = hours(1);

struct Ground {
  Knowledge knowledge;
  std::optional<ports::KeyRow> client_ca;  ///< none: it was withdrawn, and the next is not there yet
  std::optional<ports::KeyRow> update_ca;
};

/// The cheap check that everything else waits for.
Result<void> require_nonce(ports::Transaction& tx, const wire::AttestRequest& request, WallTime now) {
  const auto row = TRY(Table<NonceRow>(tx).find(request.nonce));
  if (!row || row->purpose != "attest") {
    return fail(Next::Denied, kNonceUnknown, "expected a nonce of ours that was not used, saw another");
  }
  if (row->catalog != request.catalog || row->device != request.device) {
    return fail(Next::Denied, kNonceForAnother,
                cat("expected a nonce for ", printable(request.device), ", saw one for another device"));
  }
  if (now >= row->expires_at) {
    return fail(Next::Denied, kNonceExpired,
                cat("expected a nonce of the last minute, saw one that expired at ", to_rfc3339(row->expires_at)));
  }
  return {};
}

/// Where one of the two is missing a device is given what the other issues; where both are it cannot be helped.
Result<void> look_up_authorities(ports::Transaction& tx, Ground& ground, WallTime now) {
  const std::string& catalog = ground.knowledge.catalog.name;
  auto client = identity::authority_in_force(tx, catalog, KeyPurpose::ClientCa, now);
  auto update = identity::authority_in_force(tx, catalog, KeyPurpose::UpdateCa, now);
  for (const auto* one : {&client, &update}) {
    const bool is_missing = !*one && one->error().reason == identity::kAuthorityMissing;
    if (!*one && (!is_missing || (!client && !update))) return std::unexpected(one->error());
  }
  if (client) ground.client_ca = *std::move(client);
  if (update) ground.update_ca = *std::move(update);
  return {};
}

Result<Ground> look_up(const wire::AttestRequest& request, Deps& deps, WallTime now) {
  std::optional<Ground> ground;
  TRY(deps.store.read([&](ports::Transaction& tx) -> Result<void> {
    TRY(require_nonce(tx, request, now));
    ground.emplace(TRY(know(tx, deps, request.catalog, request.device)));
    return look_up_authorities(tx, *ground, now);
  }));
  return *std::move(ground);
}

bool is_authentic(const Appraisal& appraisal) {
  for (const auto& finding : appraisal.findings) {
    if (finding.check == Check::AttestationSignature) return finding.outcome == Outcome::Passed;
  }
  return false;
}

/// A result voids every challenge that was open for the device: evidence for an older one that the network delivers
/// late would look like a clock that went back.
Result<void> void_nonces(ports::Transaction& tx, const ports::DeviceRow& device) {
  Table<NonceRow> nonces(tx);
  const ports::Scan scan{.index = ports::kNoncesByDevice,
                         .prefix = ports::record_of(device.catalog, device.device),
                         .limit = ports::kScanRowsMax};
  for (const NonceRow& row : TRY(nonces.scan(scan))) TRY(nonces.erase(row.nonce));
  return {};
}

struct Issued {
  std::optional<identity::IssuedLeaf> client;
  std::optional<identity::IssuedLeaf> update;
};

/// What the verdict allows, and nothing else.
Result<Issued> issue_for(const Ground& ground, Verdict verdict, const Appraisal& appraisal, Deps& deps, WallTime now) {
  const auto& policy = *ground.knowledge.policy;
  const auto order = [&](CertificateKind kind, const Blob& spki, Duration life) {
    return identity::LeafOrder{.kind = kind,
                               .device = ground.knowledge.device.device,
                               .spki = spki,
                               .not_before = now - kBackdated,
                               .not_after = now + life,
                               .appraisal = ground.knowledge.device.attestations + 1};
  };
  const auto issue = [&](const ports::KeyRow& ca, const identity::LeafOrder& leaf) {
    return identity::issue(deps, ground.knowledge.catalog, ca, leaf);
  };
  Issued out;
  if (verdict == Verdict::Healthy && appraisal.client_spki && ground.client_ca) {
    out.client =
        TRY(issue(*ground.client_ca, order(CertificateKind::Client, *appraisal.client_spki, policy.client_life)));
  }
  if (verdict != Verdict::Refused && appraisal.update_spki && ground.update_ca) {
    const bool quarantined = verdict == Verdict::Quarantined;
    out.update = TRY(issue(*ground.update_ca,
                           order(quarantined ? CertificateKind::Quarantine : CertificateKind::Update,
                                 *appraisal.update_spki, quarantined ? policy.quarantine_life : policy.update_life)));
  }
  return out;
}

/// Nobody else changed what this appraisal stood on: one at a time per device, or ask again.
Result<ports::DeviceRow> unchanged_device(ports::Transaction& tx, const ports::DeviceRow& judged) {
  auto device = TRY(Table<ports::DeviceRow>(tx).find(judged.catalog, judged.device));
  if (!device || device->attestations != judged.attestations || device->ak_public != judged.ak_public ||
      device->state != judged.state) {
    return fail(Next::Conflict, kAttestedMeanwhile,
                cat("the state of ", judged.device, " changed while its evidence was judged; attest again"));
  }
  return *std::move(device);
}

Result<void> record_certificates(ports::Transaction& tx, const ports::DeviceRow& device, Verdict verdict,
                                 const Issued& issued, WallTime now) {
  if (verdict != Verdict::Healthy) {
    const bool everything = verdict != Verdict::UpdateOnly;
    TRY(identity::supersede(tx, device.catalog, device.device, everything,
                            cat("the device attested ", trust::appraisal::name_of(verdict)), now));
  }
  Table<ports::CertificateRow> certificates(tx);
  for (const auto* one : {&issued.client, &issued.update}) {
    if (!*one) continue;
    TRY(identity::require_authority_of(tx, (*one)->row));
    TRY(certificates.insert((*one)->row));
  }
  return {};
}

/// `evidence`: the device's request, encoded.
Result<void> record_evidence(ports::Transaction& tx, const ports::DeviceRow& before, const Blob& evidence,
                             WallTime now) {
  ports::EvidenceRow row{before.catalog,     before.device,       now, before.ak_public, evidence, before.clock_ms,
                         before.reset_count, before.restart_count};
  Table<ports::EvidenceRow> newest(tx);
  if (TRY(newest.find(row.catalog, row.device))) return newest.update(row);
  return newest.insert(row);
}

Result<void> record_device(ports::Transaction& tx, ports::DeviceRow device, Verdict verdict, const Appraisal& appraisal,
                           const wire::AttestBody& body, WallTime now) {
  device.attestations += 1;
  device.last_verdict = static_cast<std::int64_t>(verdict);
  device.last_attested_at = now;
  device.last_seen_at = now;
  device.boot_count = body.boot_count;
  device.running = json::dump(wire::encode_running(body.running));
  if (verdict == Verdict::Healthy) device.floor = TRY(floor_raised(device.floor, body.floors, appraisal.images));
  // Any boot of the device can sign evidence; a healthy one alone says what is to be kept in place of what was.
  if (verdict == Verdict::Healthy && !body.escrow.empty()) device.escrow = body.escrow;
  // Two devices with one identity: whichever shows the higher counters next is no more to be trusted than the other.
  if (appraisal.verdict == Verdict::Quarantined && device.state != ports::DeviceState::Held) {
    device.state = ports::DeviceState::Held;
    const webhook::Event held{
        webhook::EventType::DeviceHeld, device.catalog, device.device, {}, "the device attested quarantined"};
    TRY(webhook::publish(tx, held, now));
  }
  if (appraisal.clock) {
    device.clock_ms = static_cast<std::int64_t>(appraisal.clock->clock_ms);
    device.reset_count = appraisal.clock->reset_count;
    device.restart_count = appraisal.clock->restart_count;
  }
  return Table<ports::DeviceRow>(tx).update(device);
}

Result<void> record_appraisal(ports::Transaction& tx, const Knowledge& knowledge, Verdict verdict,
                              const Appraisal& appraisal, WallTime now) {
  const ports::DeviceRow& device = knowledge.device;
  Table<ports::AppraisalRow> appraisals(tx);
  const std::int64_t sequence = device.attestations + 1;
  TRY(appraisals.insert({device.catalog, device.device, sequence, now, static_cast<std::int64_t>(verdict),
                         knowledge.policy_name, knowledge.policy->version,
                         json::dump(trust::appraisal::to_json(appraisal))}));
  if (TRY(appraisals.find(device.catalog, device.device, sequence - kAppraisalsKept))) {
    TRY(appraisals.erase(device.catalog, device.device, sequence - kAppraisalsKept));
  }
  return audit::append(tx,
                       {device.catalog, cat("device:", device.device), "device.attested", device.device,
                        json::Object{{"verdict", trust::appraisal::name_of(verdict)}, {"appraisal", sequence}}},
                       now);
}

wire::AttestResult result_of(Verdict verdict, const Appraisal& appraisal, const Issued& issued) {
  wire::AttestResult out;
  out.verdict = trust::appraisal::name_of(verdict);
  for (const auto& finding : appraisal.findings) {
    if (out.findings.size() == wire::kFindingsMax) break;
    out.findings.push_back({std::string(trust::appraisal::name_of(finding.check)), finding.outcome != Outcome::Failed,
                            std::string(trust::appraisal::name_of(finding.verdict)), finding.expected, finding.seen});
  }
  if (issued.client) out.client_certificate = {issued.client->certificate, issued.client->issuer};
  if (issued.update) out.update_certificate = {issued.update->certificate, issued.update->issuer};
  return out;
}

/// Somebody answered this nonce with evidence that is not the device's: the nonce is gone, nothing else happened.
Result<wire::AttestResult> refuse_forgery(const wire::AttestRequest& request, const Appraisal& appraisal, Deps& deps) {
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    const auto erased = Table<NonceRow>(tx).erase(request.nonce);
    // Gone already: a genuine answer came first.
    return erased || erased.error().reason == ports::kRowMissing ? Result<void>() : erased;
  }));
  std::string why = "expected evidence signed by the device's attestation key, saw other";
  for (const auto& finding : appraisal.findings) {
    if (finding.check == Check::AttestationSignature) why = cat("expected ", finding.expected, ", saw ", finding.seen);
  }
  return fail(Next::Denied, kEvidenceNotAuthentic, std::move(why));
}

}  // namespace

Result<wire::AttestResult> attest(const wire::AttestRequest& request, Deps& deps, WallTime now) {
  auto body = TRY(input(wire::AttestBody::decode(request.body)));
  const Shown shown{request, std::move(body)};
  const Ground ground = TRY(look_up(request, deps, now));
  const ports::DeviceRow& device = ground.knowledge.device;
  const auto last_clock = clock_of(device.clock_ms, device.reset_count, device.restart_count);
  const Appraisal appraisal = TRY(judge(shown, ground.knowledge, device.ak_public, *ground.knowledge.policy,
                                        trust::appraisal::Freshness::Challenged, last_clock));
  if (!is_authentic(appraisal)) return refuse_forgery(request, appraisal, deps);
  const Verdict verdict =
      device.state == ports::DeviceState::Held ? std::max(appraisal.verdict, Verdict::Quarantined) : appraisal.verdict;
  const Issued issued = TRY(issue_for(ground, verdict, appraisal, deps, now));
  const Blob evidence = request.encode();
  TRY(deps.store.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(require_nonce(tx, request, now));
    TRY(void_nonces(tx, device));
    const ports::DeviceRow current = TRY(unchanged_device(tx, device));
    TRY(record_appraisal(tx, ground.knowledge, verdict, appraisal, now));
    TRY(record_certificates(tx, current, verdict, issued, now));
    TRY(record_evidence(tx, current, evidence, now));
    return record_device(tx, current, verdict, appraisal, shown.body, now);
  }));
  return result_of(verdict, appraisal, issued);
}

}  // namespace holdfast::service::appraise

#include "device/attest/attest.h"

#include <algorithm>

#include "base/text.h"
#include "trust/appraisal/evidence.h"
#include "trust/crypto/hash.h"
#include "trust/tpm/public_area.h"
#include "trust/x509/certificate.h"
#include "trust/x509/request.h"

namespace holdfast::device::attest {
namespace {

/// Certificates start this long before they were issued (flow 2, "The client certificate").
constexpr Duration kBackdating = hours(1);

/// That the vault does not know a TLS key, or does not open it to this boot, says nothing of the attestation key.
template <class T>
Result<T> of_tls_key(Result<T> result) {
  if (result) return result;
  Reason& reason = result.error().reason;
  if (reason == ports::kVaultKeyForeign || reason == ports::kVaultClosed) reason = kTlsKeyForeign;
  return result;
}

Result<Blob> request_for(ports::Vault& vault, const ports::VaultKey& key, const record::Identity& identity) {
  const auto area = TRY(trust::tpm::parse_public_area(key.public_area));
  const Blob to_be_signed = trust::x509::request_to_be_signed(area.key, identity.catalog, identity.device);
  const Blob signature = TRY(of_tls_key(vault.sign(key, trust::crypto::sha256(to_be_signed))));
  return trust::x509::assemble_request(to_be_signed, signature);
}

Result<wire::CertifiedKey> certified(ports::Vault& vault, const Device& device, const ports::VaultKey& key,
                                     const Digest256& qualifying) {
  auto attestation = TRY(of_tls_key(vault.certify(device.attestation_key, key, qualifying)));
  return wire::CertifiedKey{key.public_area, std::move(attestation.attest), std::move(attestation.signature)};
}

Result<Blob> body_of(ports::Vault& vault, const Device& device, const ports::BootFacts& facts, const Told& told) {
  wire::AttestBody body;
  // A log beyond the bound is left out; the appraisal then judges as for one that it cannot parse.
  if (facts.event_log.size() <= wire::kEventLogBytesMax) body.event_log = facts.event_log;
  body.client_request = TRY(request_for(vault, device.keys.client, device.identity));
  body.update_request = TRY(request_for(vault, device.keys.update, device.identity));
  body.boot_count = facts.boot_count;
  for (const auto& one : facts.running) body.running.push_back({one.component, one.version, one.security_version});
  for (const auto& one : told.started) body.started.push_back({one.component, one.version, one.security_version});
  body.floors = told.floors;
  body.escrow = told.escrow;
  return body.encode();
}

contact::Call call_to(const record::Owner& owner, std::string_view path, Blob body) {
  return {.services = owner.services,
          .peer = ports::PeerUnder{owner.service_ca},
          .identity = {},
          .method = "POST",
          .path = std::string(path),
          .body = std::move(body)};
}

Result<void> require_ours(const std::optional<wire::IssuedCertificate>& issued, const ports::VaultKey& key,
                          const record::Identity& identity) {
  if (!issued) return {};
  const auto certificate = TRY(trust::x509::parse_certificate(issued->certificate));
  const auto area = TRY(trust::tpm::parse_public_area(key.public_area));
  if (certificate.public_key().spki() != area.key.spki()) {
    return fail(Next::Corrupt, kCertificateForeign, "expected a certificate for our key, saw another key in it");
  }
  const auto name = certificate.subject_common_name();
  if (name != identity.device) {
    return fail(Next::Corrupt, kCertificateForeign,
                cat("expected a certificate for ", printable(identity.device), ", saw one for ",
                    printable(name.value_or("nobody"))));
  }
  return {};
}

}  // namespace

Result<wire::AttestResult> attest(contact::Services& services, ports::Vault& vault, const Device& device,
                                  const ports::BootFacts& facts, const Told& told) {
  // The body takes the vault longest and needs no nonce, whose life is short.
  Blob body = TRY(body_of(vault, device, facts, told));
  const wire::AttestChallengeRequest ask = {device.identity.catalog, device.identity.device};
  const auto challenge = TRY(
      wire::AttestChallenge::decode(TRY(services.call(call_to(device.owner, "/v1/attest/challenge", ask.encode())))));
  const Digest256 qualifying = trust::appraisal::qualifying_data(challenge.nonce, body);
  auto quoted = TRY(vault.quote(device.attestation_key, qualifying));
  wire::AttestRequest message;
  message.catalog = device.identity.catalog;
  message.device = device.identity.device;
  message.nonce = challenge.nonce;
  message.quote = std::move(quoted.attestation.attest);
  message.quote_signature = std::move(quoted.attestation.signature);
  message.pcr_values = std::move(quoted.values);
  message.client_key = TRY(certified(vault, device, device.keys.client, qualifying));
  message.update_key = TRY(certified(vault, device, device.keys.update, qualifying));
  message.body = std::move(body);
  return wire::AttestResult::decode(TRY(services.call(call_to(device.owner, "/v1/attest", message.encode()))));
}

Result<wire::AttestResult> accept(wire::AttestResult result, const Device& device) {
  constexpr std::string_view kVerdicts[] = {"healthy", "update-only", "quarantined", "refused"};
  if (std::ranges::find(kVerdicts, result.verdict) == std::end(kVerdicts)) {
    return fail(Next::Corrupt, kVerdictUnknown,
                cat("expected healthy, update-only, quarantined or refused, saw ", printable(result.verdict)));
  }
  TRY(require_ours(result.client_certificate, device.keys.client, device.identity));
  TRY(require_ours(result.update_certificate, device.keys.update, device.identity));
  std::erase_if(result.findings, [](const wire::AttestFinding& finding) { return finding.passed; });
  if (result.findings.size() > record::kFindingsKeptMax) result.findings.resize(record::kFindingsKeptMax);
  return result;
}

Result<Duration> half_life(const wire::AttestResult& result) {
  std::optional<Duration> shortest;
  for (const auto* issued : {&result.client_certificate, &result.update_certificate}) {
    if (!*issued) continue;
    const auto parsed = TRY(trust::x509::parse_certificate((*issued)->certificate));
    const Duration life = parsed.not_after() - (parsed.not_before() + kBackdating);
    shortest = std::min(shortest.value_or(life), life);
  }
  return std::max<Duration>(shortest.value_or(Duration::zero()) / 2, kRenewalMin);
}

}  // namespace holdfast::device::attest

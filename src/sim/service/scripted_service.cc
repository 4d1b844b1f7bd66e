#include "sim/service/scripted_service.h"

#include <algorithm>

#include "base/text.h"
#include "sim/service/owner_held.h"
#include "trust/appraisal/evidence.h"
#include "trust/crypto/hash.h"
#include "trust/tpm/credential.h"
#include "trust/tpm/endorsement.h"
#include "trust/tpm/verify.h"
#include "trust/x509/request.h"
#include "wire/bootstrap.h"
#include "wire/claim_ticket.h"
#include "wire/problem.h"

namespace holdfast::sim::service {
namespace {

namespace crypto = trust::crypto;
namespace tpm = trust::tpm;

constexpr Reason kTicketConsumed{"ticket-consumed"};
constexpr Reason kTicketNeeded{"ticket-needed"};
constexpr Reason kChallengeUnknown{"challenge-unknown"};
constexpr Reason kNonceUnknown{"nonce-unknown"};
constexpr Reason kDeviceUnknown{"device-unknown"};
constexpr Reason kCertificateSuperseded{"certificate-superseded"};
constexpr Reason kRequestMismatch{"request-mismatch"};

constexpr Duration kChallengeLife = minutes(1);

ports::NetAnswer answer_of(const Result<Blob>& result) {
  if (result) return {.status = 200, .body = *result, .retry_after = {}};
  const json::Value problem = json::Object{{"title", result.error().reason.word()}, {"detail", result.error().message}};
  const int status = result.error().next == Next::Denied ? 403 : 400;
  return {.status = status, .body = to_blob(as_bytes(json::dump(problem))), .retry_after = {}};
}

crypto::PrivateKey copy_of(const crypto::PrivateKey& key) {
  return crypto::PrivateKey::from_pkcs8(key.to_pkcs8().expose()).value();
}

}  // namespace

struct ScriptedService::Chip {
  std::string device;
  Blob ak_public;
};

struct ScriptedService::Challenge {
  Digest256 ek_sha256;
  Blob ak_public;
  Digest256 secret_sha256;
  std::optional<Digest256> ticket;
};

ScriptedService::ScriptedService(ports::Random& random, ports::Clock& clock)
    : random_(random), clock_(clock), owner_(std::make_unique<Owner>(random, clock.wall_time())) {
  releases_ = std::make_unique<ScriptedReleases>(std::string(kCatalog), copy_of(owner_->key),
                                                 copy_of(owner_->director_key), clock_);
}

ScriptedService::~ScriptedService() = default;

void ScriptedService::answer_on(net::ScriptedNet& net) {
  const auto take = [&](std::string_view path, Answer (ScriptedService::*handler)(Bytes)) {
    net.on("POST", path, [this, handler](const ports::NetRequest& request) -> Result<ports::NetAnswer> {
      return answer_of((this->*handler)(request.body));
    });
  };
  net.on("GET", cat("/v1/bootstrap/", kCatalog),
         [this](const ports::NetRequest&) -> Result<ports::NetAnswer> { return answer_of(bootstrap()); });
  take("/v1/enroll", &ScriptedService::enroll);
  take("/v1/enroll/proof", &ScriptedService::prove);
  take("/v1/attest/challenge", &ScriptedService::challenge);
  take("/v1/attest", &ScriptedService::attest);
  for (const std::string& path : {std::string("/v1/director"), cat("/v1/images/", kCatalog, "/")}) {
    net.on_below("GET", path, [this](const ports::NetRequest& request) { return hand_out(request); });
  }
  net.on("POST", "/v1/check-in",
         [this](const ports::NetRequest& request) -> Result<ports::NetAnswer> { return answer_of(check_in(request)); });
}

Blob ScriptedService::ticket(std::optional<std::string> device) {
  wire::ClaimTicket out;
  out.services = {owner_->service};
  out.owner_root = crypto::sha256(owner_->roots.front());
  out.secret = random_secret(random_, wire::kClaimSecretBytes);
  out.catalog = kCatalog;
  out.product = "gateway";
  out.device_group = "field";
  out.expires = clock_.wall_time() + days(7);
  out.device = device;
  tickets_.emplace(crypto::sha256(out.secret.expose()), std::move(device));
  return out.encode();
}

void ScriptedService::move_to(std::string url, Blob service_ca) {
  owner_->service = std::move(url);
  owner_->service_ca = std::move(service_ca);
  publish_trust_policy();
}
void ScriptedService::publish_trust_policy() { owner_->publish_trust_policy(clock_.wall_time(), change_policy); }
const Blob& ScriptedService::trust_policy() const { return owner_->trust_policy; }
const std::vector<Blob>& ScriptedService::roots() const { return owner_->roots; }
void ScriptedService::replace_director() {
  owner_->director_key = new_key(random_);
  releases_->set_director(copy_of(owner_->director_key));
  publish_trust_policy();
}
void ScriptedService::publish_root() { owner_->publish_root(clock_.wall_time()); }
void ScriptedService::disown_devices() {
  chips_.clear();
  certificates_.clear();
}

ScriptedService::Answer ScriptedService::bootstrap() const {
  return wire::Bootstrap{owner_->roots, owner_->trust_policy}.encode();
}

ScriptedService::Answer ScriptedService::enroll(Bytes body) {
  const auto request = TRY(wire::EnrollRequest::decode(body));
  const auto ak = TRY(tpm::parse_public_area(request.ak_public));
  TRY(tpm::require_attestation_key(ak));
  const auto endorsement = TRY(tpm::endorsement_area(TRY(tpm::parse_public_area(request.ek_public)).key));
  Challenge open = {endorsement.key.spki_sha256(), request.ak_public, {}, {}};
  const auto known = chips_.find(open.ek_sha256);
  const bool is_repeated = known != chips_.end() && known->second.ak_public == request.ak_public;
  if (!is_repeated) {
    if (!request.claim_secret) return fail(Next::Denied, kTicketNeeded, "expected a claim ticket, saw none");
    open.ticket = crypto::sha256(request.claim_secret->expose());
    const auto ticket = tickets_.find(*open.ticket);
    if (ticket == tickets_.end()) return fail(Next::Denied, kTicketConsumed, "expected a fresh ticket, saw a used one");
    if (known != chips_.end() && ticket->second != known->second.device) {
      return fail(Next::Denied, kTicketNeeded, "expected a ticket that names the device, saw another");
    }
  }
  const Secret secret = random_secret(random_, tpm::kCredentialSecretBytesMax);
  const Secret entropy = random_secret(random_, tpm::kCredentialEntropyBytes);
  auto credential = TRY(tpm::make_credential(endorsement, tpm::name_of(ak), secret.expose(), entropy.expose()));
  open.secret_sha256 = crypto::sha256(secret.expose());
  wire::EnrollChallenge out;
  out.challenge = random_array<wire::kChallengeBytes>(random_);
  out.credential_blob = std::move(credential.credential_blob);
  out.encrypted_secret = std::move(credential.encrypted_secret);
  out.expires = clock_.wall_time() + kChallengeLife;
  challenges_.emplace(out.challenge, std::move(open));
  return out.encode();
}

ScriptedService::Answer ScriptedService::prove(Bytes body) {
  const auto proof = TRY(wire::EnrollProof::decode(body));
  const auto found = challenges_.find(proof.challenge);
  if (found == challenges_.end() || crypto::sha256(proof.secret.expose()) != found->second.secret_sha256) {
    return fail(Next::Denied, kChallengeUnknown, "expected an open challenge and its secret, saw another");
  }
  const Challenge open = found->second;
  challenges_.erase(found);
  if (open.ticket) {
    if (tickets_.erase(*open.ticket) == 0) return fail(Next::Denied, kTicketConsumed, "the ticket was used meanwhile");
    ++enrolments_;
    auto& chip = chips_[open.ek_sha256];
    if (chip.device.empty()) chip.device = cat("hf-", chips_.size(), "-0000");
    chip.ak_public = open.ak_public;
    devices_.insert(chip.device);
  }
  return wire::EnrollResult{chips_[open.ek_sha256].device, std::string(kCatalog), "gateway", "field"}.encode();
}

ScriptedService::Answer ScriptedService::challenge(Bytes body) {
  TRY(wire::AttestChallengeRequest::decode(body));
  wire::AttestChallenge out;
  out.nonce = random_array<wire::kNonceBytes>(random_);
  out.expires = clock_.wall_time() + kChallengeLife;
  nonces_.insert(out.nonce);
  return out.encode();
}

ScriptedService::Answer ScriptedService::attest(Bytes body) {
  const auto request = TRY(wire::AttestRequest::decode(body));
  const auto content = TRY(wire::AttestBody::decode(request.body));
  if (nonces_.erase(request.nonce) == 0) return fail(Next::Denied, kNonceUnknown, "expected a nonce of ours");
  const auto chip = std::ranges::find(chips_, request.device, [](const auto& one) { return one.second.device; });
  if (chip == chips_.end()) return fail(Next::Denied, kDeviceUnknown, cat("there is no ", request.device));
  const auto ak = TRY(tpm::parse_public_area(chip->second.ak_public));
  const Digest256 qualifying = trust::appraisal::qualifying_data(request.nonce, request.body);
  TRY(tpm::verify_quote(ak, request.quote, request.quote_signature, qualifying));
  const bool is_above = recorded_floor == 0 || std::ranges::any_of(content.floors, [&](const wire::LaidFloor& one) {
                          return one.security_version >= recorded_floor;
                        });
  wire::AttestResult out;
  out.verdict = verdict == "healthy" && !is_above ? "update-only" : verdict;
  out.findings = {{"events-known", verdict == "healthy", "update-only", "a known event", "another"},
                  {"above-floor", is_above, "update-only", "a floor as high as before", "a lower one"}};
  for (const bool is_client : {true, false}) {
    const auto& key = is_client ? request.client_key : request.update_key;
    TRY(tpm::verify_certify(ak, key.attest, key.signature, qualifying));
    const Blob spki = TRY(tpm::parse_public_area(key.public_area)).key.spki();
    const auto wish = TRY(trust::x509::parse_request(is_client ? content.client_request : content.update_request));
    if (wish.key.spki() != spki) return fail(Next::Rejected, kRequestMismatch, "expected a request for the key");
    if (verdict == "refused" || (is_client && out.verdict != "healthy")) continue;
    auto& issued = is_client ? out.client_certificate : out.update_certificate;
    const auto& authority = is_client ? owner_->client : owner_->update;
    issued = {issue(is_client, spki, request.device, is_client ? client_life : Duration(days(7))),
              to_blob(authority.issuer.certificate().der())};
  }
  ++attestations_;
  return out.encode();
}

Blob ScriptedService::issue(bool is_client, Bytes spki, const std::string& device, Duration life) {
  const CertificateAuthority& authority = is_client ? owner_->client : owner_->update;
  const WallTime now = clock_.wall_time();
  const trust::x509::LeafProfile profile = {
      .kind = is_client ? trust::x509::LeafKind::Client : trust::x509::LeafKind::Update,
      .catalog = std::string(kCatalog),
      .device = device,
      .uri_form = trust::x509::UriForm::Urn,
      .trust_domain = "",
      .spki = to_blob(spki),
      .serial = trust::x509::serial_from(random_array<16>(random_)),
      .not_before = now - hours(1),
      .not_after = now + life,
      .crl_url = "http://crl.test/list.crl"};
  const Blob to_be_signed = authority.issuer.to_be_signed(profile).value();
  const Blob signature = authority.key.sign(crypto::HashAlgorithm::Sha256, to_be_signed).value();
  Blob certificate = authority.issuer.assemble(to_be_signed, signature);
  certificates_.emplace(crypto::sha256(certificate), device);
  return certificate;
}

ScriptedService::Answer ScriptedService::check_in(const ports::NetRequest& request) {
  if (!request.identity || !certificates_.contains(crypto::sha256(request.identity->certificate))) {
    return fail(Next::Denied, kCertificateSuperseded, "expected a certificate in force, saw none");
  }
  last_check_in_ = TRY(wire::CheckInRequest::decode(request.body));
  const auto& said = last_check_in_;
  const bool is_about_updates = said.director != 0 || !said.counts.empty() || !said.updates.empty() || said.time_nonce;
  if (!directs && is_about_updates) return fail(Next::Rejected, json::kJsonShape, "expected no member 'director'");
  const std::string& device = certificates_.at(crypto::sha256(request.identity->certificate));
  wire::CheckInResult out;
  out.check_in_again = check_in_again;
  out.attest_now = attest_now;
  out.trust_policy = owner_->trust_policy_number;
  out.audit_head = audit_head;
  if (directs) out.director = releases_->director_version(device);
  if (directs) out.update_now = update_now;
  if (said.time_nonce) out.time = releases_->time_for(device, *said.time_nonce, clock_.wall_time() + time_is_off);
  return out.encode();
}

Result<ports::NetAnswer> ScriptedService::hand_out(const ports::NetRequest& request) const {
  const auto whose =
      request.identity ? certificates_.find(crypto::sha256(request.identity->certificate)) : certificates_.end();
  if (whose != certificates_.end()) return releases_->answer(request, whose->second);
  return answer_of(fail(Next::Denied, kCertificateSuperseded, "expected a certificate in force, saw none"));
}

}  // namespace holdfast::sim::service

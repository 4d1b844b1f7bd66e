#include "soft_device.h"

#include "service/catalog/fleet.h"
#include "service/claim/device_id.h"
#include "trust/tuf/device_release.h"
#include "wire/claim_ticket.h"

namespace holdfast::tests {

SoftDevice::SoftDevice(ServiceWorld& world, std::unique_ptr<sim::random::SeededRandom> random)
    : world_(&world), random_(std::move(random)) {}

SoftDevice::SoftDevice(ServiceWorld& world, std::string_view label)
    : SoftDevice(world, std::make_unique<sim::random::SeededRandom>(world.fork(label))) {
  vault_ = *sim::vault::SoftVault::make(*random_, world.clock());
  ek_sha256_ = vault_->endorsement_public().key.spki_sha256();
  make_keys();
}

SoftDevice SoftDevice::clone() const {
  SoftDevice out(*world_, std::make_unique<sim::random::SeededRandom>(random_->fork("clone")));
  out.vault_ = vault_->clone();
  out.ek_sha256_ = ek_sha256_;
  out.attestation_key_ = attestation_key_;
  out.client_key_ = client_key_;
  out.update_key_ = update_key_;
  out.event_log_ = event_log_;
  out.boots_ = boots_;
  return out;
}

std::string SoftDevice::id() const { return service::claim::device_id(ek_sha256_); }

void SoftDevice::make_keys() {
  new_attestation_key();
  client_key_ = *vault_->create_key(ports::KeyUse::Client);
  update_key_ = *vault_->create_key(ports::KeyUse::Update);
}

void SoftDevice::clear_tpm() {
  vault_->clear();
  make_keys();
}

void SoftDevice::new_attestation_key() { attestation_key_ = *vault_->create_key(ports::KeyUse::Attestation); }

void SoftDevice::boot(const Boot& boot) {
  vault_->reset();
  ++boots_;
  event_log_ = log_of(boot);
  for (const Measurement& one : boot) vault_->extend(one.pcr, trust::crypto::sha256(as_bytes(one.text)));
}

wire::EnrollRequest SoftDevice::enroll_request(Bytes ticket) {
  wire::EnrollRequest out;
  out.catalog = kAcme;
  out.ek_public = vault_->endorsement_public().bytes;
  out.ak_public = attestation_key_.public_area;
  if (!ticket.empty()) out.claim_secret = wire::ClaimTicket::decode(ticket)->secret.clone();
  return out;
}

Result<wire::EnrollChallenge> SoftDevice::begin(Bytes ticket) {
  return service::claim::begin_enrolment(enroll_request(ticket), world_->deps(), world_->now());
}

Result<wire::EnrollResult> SoftDevice::prove(const wire::EnrollChallenge& challenge) {
  wire::EnrollProof proof;
  proof.challenge = challenge.challenge;
  proof.secret =
      TRY(vault_->activate_credential(attestation_key_, challenge.credential_blob, challenge.encrypted_secret));
  return service::claim::finish_enrolment(proof, world_->deps(), world_->now());
}

Result<wire::EnrollResult> SoftDevice::enroll(Bytes ticket) { return prove(TRY(begin(ticket))); }

void SoftDevice::join() {
  REQUIRE(world_->owner().expect_key(world_->deps(), ek_sha256_, world_->now()));
  REQUIRE(enroll());
  boot();
}

ByteArray<wire::kNonceBytes> SoftDevice::nonce() {
  const auto challenge = service::appraise::challenge({std::string(kAcme), id()}, world_->deps(), world_->now());
  REQUIRE(challenge);
  return challenge->nonce;
}

wire::CertifiedKey SoftDevice::certified(const ports::VaultKey& key, const Digest256& qualifying) {
  auto made = *vault_->certify(attestation_key_, key, qualifying);
  return {key.public_area, std::move(made.attest), std::move(made.signature)};
}

Blob SoftDevice::request_for(const ports::VaultKey& key, std::string_view name) {
  const auto area = trust::tpm::parse_public_area(key.public_area);
  const Blob wish = trust::x509::request_to_be_signed(area->key, "other", name);
  return trust::x509::assemble_request(wish, *vault_->sign(key, trust::crypto::sha256(wish)));
}

wire::AttestRequest SoftDevice::evidence(const ByteArray<wire::kNonceBytes>& nonce) {
  // Attesting reads no name from a request; this one asks to be somebody else.
  constexpr std::string_view kAnother = "hf-0000-0000-0000-0000";
  const wire::AttestBody body{event_log_,
                              request_for(client_key_, kAnother),
                              request_for(update_key_, kAnother),
                              boots_,
                              running_,
                              started_,
                              floors_,
                              escrow_};
  wire::AttestRequest out;
  out.catalog = kAcme;
  out.device = id();
  out.nonce = nonce;
  out.body = body.encode();
  const Digest256 qualifying = trust::appraisal::qualifying_data(nonce, out.body);
  auto quoted = *vault_->quote(attestation_key_, qualifying);
  out.quote = std::move(quoted.attestation.attest);
  out.quote_signature = std::move(quoted.attestation.signature);
  out.pcr_values = std::move(quoted.values);
  out.client_key = certified(client_key_, qualifying);
  out.update_key = certified(update_key_, qualifying);
  return out;
}

Result<wire::AttestResult> SoftDevice::attest() { return show(evidence(nonce())); }

Result<wire::AttestResult> SoftDevice::show(const wire::AttestRequest& evidence) {
  return service::appraise::attest(evidence, world_->deps(), world_->now());
}

wire::ReleaseConfirmation SoftDevice::confirms(const Digest256& statement) {
  auto quoted = *vault_->quote(attestation_key_, trust::tuf::release_qualifying_data(statement));
  return {std::string(kAcme), id(), statement, std::move(quoted.attestation.attest),
          std::move(quoted.attestation.signature)};
}

std::string SoftDevice::verdict() {
  const auto result = attest();
  REQUIRE(result);
  return result->verdict;
}

ports::DeviceRow SoftDevice::row() {
  const auto found = world_->find<ports::DeviceRow>(kAcme, id());
  REQUIRE(found);
  return *found;
}

void SoftDevice::set_hold(bool held) {
  const auto before = row();
  REQUIRE(world_->write([&](ports::Transaction& tx) -> Result<void> {
    TRY(service::catalog::set_hold(tx, before, held, kAda, world_->now()));
    return {};
  }));
}

}  // namespace holdfast::tests

#include "service/claim/enroll.h"

#include "fails_with.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/rows/claim.h"
#include "ports/store/rows/device.h"
#include "service/claim/device_id.h"
#include "service/claim/tickets.h"
#include "sim/vault/tpm_maker.h"
#include "soft_device.h"
#include "trust/x509/endorsement.h"

namespace holdfast::service::claim {
namespace {

using ports::ClaimTicketRow;
using ports::DeviceRow;
using ports::EnrollChallengeRow;
using ports::ExpectedKeyRow;
using tests::kAcme;
using tests::ServiceWorld;
using tests::SoftDevice;

sim::vault::TpmMaker maker_of(std::uint8_t seed, WallTime now) {
  using namespace trust::crypto;
  auto made = sim::vault::TpmMaker::make(*PrivateKey::ec_from_entropy(KeyKind::EcP256, Blob(48, seed)), now);
  REQUIRE(made);
  return *std::move(made);
}

void install(SoftDevice& device, const sim::vault::TpmMaker& maker) {
  const auto certificate = maker.endorsement(device.vault().endorsement_public().key, {0x42, 9});
  REQUIRE(certificate);
  device.vault().install_certificate(*certificate, {});
}

/// A catalog that trusts one maker of TPMs.
struct World : ServiceWorld {
  World() { REQUIRE(owner().trust_makers(deps(), {maker.root()}, now())); }

  Blob ticket(std::optional<std::string> device = {}) { return *owner().ticket(deps(), std::move(device), now()); }
  void expect(const SoftDevice& device) { REQUIRE(owner().expect_key(deps(), device.ek_sha256(), now())); }
  void certify(SoftDevice& device) { install(device, maker); }
  Result<wire::EnrollChallenge> begin(const wire::EnrollRequest& request) {
    return begin_enrolment(request, deps(), now());
  }
  std::vector<DeviceRow> devices() { return rows<DeviceRow>(kAcme); }
  std::size_t challenges() { return rows<EnrollChallengeRow>().size(); }
  ClaimTicketRow only_ticket() {
    const auto all = rows<ClaimTicketRow>(kAcme);
    REQUIRE(all.size() == 1);
    return all.front();
  }

  sim::vault::TpmMaker maker = maker_of(77, now());
};

/// The request of a chip that shows its certificate.
wire::EnrollRequest certified_request(SoftDevice& device, Bytes ticket = {}) {
  auto out = device.enroll_request(ticket);
  const auto shown = device.vault().endorsement_key();
  out.ek_certificate = shown->certificate;
  out.ek_chain = shown->chain;
  return out;
}

}  // namespace

TEST_CASE("the same two keys again get the same answer, and nothing changes") {
  World world;
  SoftDevice device(world, "a");
  world.expect(device);
  const auto first = device.enroll();
  REQUIRE(first);
  const auto entries = world.audited();
  const auto again = device.enroll();
  REQUIRE(again);
  CHECK(again->device == first->device);
  CHECK(device.row().enrolments == 1);
  CHECK(world.audited() == entries);
}

TEST_CASE("a device that lost the answer enrols again although its ticket is spent") {
  World world;
  SoftDevice device(world, "a");
  world.certify(device);
  const Blob ticket = world.ticket();
  REQUIRE(device.prove(*world.begin(certified_request(device, ticket))));
  CHECK(device.prove(*world.begin(certified_request(device, ticket))));
  CHECK(world.devices().size() == 1);
}

TEST_CASE("an endorsement area doctored in any field but its key gives the same id") {
  World world;
  SoftDevice device(world, "a");
  world.expect(device);
  REQUIRE(device.enroll());
  for (int change = 0; change < 3; ++change) {
    CAPTURE(change);
    auto area = device.vault().endorsement_public();
    if (change == 0) area.attributes ^= trust::tpm::kNoDictionaryAttackProtection;
    if (change == 1) area.auth_policy = Blob(32, 0xEE);
    if (change == 2) area.aes_bits = std::uint16_t{256};
    auto request = device.enroll_request();
    request.ek_public = trust::tpm::marshal(area);
    const auto challenge = world.begin(request);
    REQUIRE(challenge);
    // The credential is made for the area of the template, which is the chip's own.
    const auto result = device.prove(*challenge);
    REQUIRE(result);
    CHECK(result->device == device.id());
  }
  CHECK(world.devices().size() == 1);
}

TEST_CASE("a chip known by its certificate is the same device on the owner's list, and the other way round") {
  World world;
  SoftDevice device(world, "a");
  world.certify(device);
  REQUIRE(device.prove(*world.begin(certified_request(device, world.ticket()))));
  world.expect(device);
  REQUIRE(device.enroll());
  CHECK(world.devices().size() == 1);
  device.new_attestation_key();
  CHECK(fails_with(device.begin(), kTicketNeeded));
  CHECK(fails_with(world.begin(certified_request(device)), kTicketNeeded));
}

TEST_CASE("the key is the certificate's, whatever area is sent beside it") {
  World world;
  SoftDevice victim(world, "victim");
  SoftDevice attacker(world, "attacker");
  world.certify(victim);
  world.certify(attacker);
  // With the victim's certificate the credential is for the victim's chip.
  auto borrowed = certified_request(victim, world.ticket());
  borrowed.ek_public = attacker.vault().endorsement_public().bytes;
  borrowed.ak_public = attacker.enroll_request().ak_public;
  const auto challenge = world.begin(borrowed);
  REQUIRE(challenge);
  CHECK_FALSE(attacker.prove(*challenge));
  // With its own certificate it is itself, not whom its area names.
  auto posing = certified_request(attacker, world.ticket());
  posing.ek_public = victim.vault().endorsement_public().bytes;
  const auto result = attacker.prove(*world.begin(posing));
  REQUIRE(result);
  CHECK(result->device == attacker.id());
  CHECK(world.devices().size() == 1);
}

TEST_CASE("a second endorsement key needs an authorisation of its own and is another device") {
  World world;
  SoftDevice first(world, "first key");
  SoftDevice second(world, "second key");
  world.expect(first);
  REQUIRE(first.enroll());
  CHECK(fails_with(second.begin(), kEndorsementNotListed));
  CHECK(fails_with(second.begin(world.ticket(first.id())), kTicketForAnother));
  world.expect(second);
  const auto result = second.enroll();
  REQUIRE(result);
  CHECK(result->device != first.id());
}

TEST_CASE("a new endorsement key never takes a known id: two with the same 80 bits are refused") {
  World world;
  SoftDevice device(world, "a");
  world.expect(device);
  DeviceRow planted;
  planted.catalog = kAcme;
  planted.device = device.id();
  planted.ek_sha256 = device.ek_sha256();
  planted.ek_sha256.back() ^= 1;
  CHECK(device_id(planted.ek_sha256) == device.id());
  world.insert(planted);
  const auto entries = world.audited();
  CHECK(fails_with(device.enroll(world.ticket()), kDeviceIdTaken));
  CHECK(world.devices().size() == 1);
  CHECK(device.row().ek_sha256 == planted.ek_sha256);
  CHECK_FALSE(world.only_ticket().consumed_at);
  CHECK(world.audited("acme", entries.size()) == std::vector<std::string>{"claim.created"});
}

TEST_CASE("a key that is not a chip's attestation key is refused before anything is stored") {
  World world;
  SoftDevice device(world, "a");
  world.expect(device);
  const auto key = trust::tpm::parse_public_area(device.enroll_request().ak_public);
  REQUIRE(key);
  const auto refused = [&](std::uint32_t attributes, std::optional<trust::tpm::SigningScheme> scheme) {
    auto area = *key;
    area.attributes = attributes;
    area.scheme = scheme;
    auto request = device.enroll_request();
    request.ak_public = trust::tpm::marshal(area);
    return fails_with(world.begin(request), trust::tpm::kAttestationKeyUnfit);
  };
  using namespace trust::tpm;
  CHECK(refused(kTlsKeyAttributes, key->scheme));                       // not restricted: signs what software says
  CHECK(refused(kAttestationKeyAttributes & ~kFixedTpm, key->scheme));  // may leave its chip
  CHECK(refused(kAttestationKeyAttributes & ~kFixedParent, key->scheme));
  CHECK(refused(kAttestationKeyAttributes & ~kSensitiveDataOrigin, key->scheme));  // made by software
  CHECK(refused(kAttestationKeyAttributes | kDecrypt, key->scheme));
  CHECK(refused(kAttestationKeyAttributes, std::nullopt));
  auto junk = device.enroll_request();
  junk.ak_public = {1, 2, 3};
  CHECK(fails_with(world.begin(junk), Next::Rejected));
  CHECK(world.challenges() == 0);
}

TEST_CASE("a certificate by an unknown maker, of a CA, or none at all does not open the door") {
  World world;
  SoftDevice device(world, "a");
  const auto stranger = maker_of(78, world.now());
  install(device, stranger);
  CHECK(fails_with(world.begin(certified_request(device, world.ticket())), trust::x509::kEndorsementUntrusted));
  device.vault().install_certificate(world.maker.root(), {});
  CHECK_FALSE(world.begin(certified_request(device, world.ticket())));
  device.vault().install_certificate(Blob{0x30, 0x03, 1, 2, 3}, {});
  CHECK(fails_with(world.begin(certified_request(device, world.ticket())), Next::Rejected));
  CHECK(fails_with(device.begin(world.ticket()), kEndorsementNotListed));
  CHECK(world.challenges() == 0);
}

TEST_CASE("budget before cost: the catalog and the ticket are looked at before any chain is verified") {
  World world;
  SoftDevice device(world, "a");
  const auto stranger = maker_of(78, world.now());
  install(device, stranger);
  auto request = certified_request(device);
  CHECK(fails_with(world.begin(request), kEndorsementNotListed));
  request.claim_secret = Secret(Blob(wire::kClaimSecretBytes, 7));
  CHECK(fails_with(world.begin(request), kTicketUnknown));
  request.catalog = "nowhere";
  CHECK(fails_with(world.begin(request), kCatalogUnknown));
}

TEST_CASE("a catalog that is not there, or not ready, lets nobody in and says the same of both") {
  World world;
  SoftDevice device(world, "a");
  auto request = device.enroll_request();
  request.catalog = "nowhere";
  CHECK(fails_with(world.begin(request), kCatalogUnknown));
  world.expect(device);
  auto catalog = *world.find<ports::CatalogRow>(kAcme);
  catalog.state = ports::CatalogState::Preparing;
  world.update(catalog);
  CHECK(fails_with(device.begin(), kCatalogUnknown));
}

TEST_CASE("a challenge works once, for a minute, for its own device, and only with its secret") {
  World world;
  SoftDevice device(world, "a");
  SoftDevice other(world, "b");
  world.expect(device);
  world.expect(other);
  const auto challenge = device.begin();
  REQUIRE(challenge);
  CHECK_FALSE(other.prove(*challenge));  // its chip cannot open the credential
  wire::EnrollProof guess;
  guess.challenge = challenge->challenge;
  guess.secret = Secret(Blob(32, 0x5A));
  CHECK(fails_with(finish_enrolment(guess, world.deps(), world.now()), kProofWrong));
  auto foreign = *other.begin();
  foreign.credential_blob = challenge->credential_blob;
  foreign.encrypted_secret = challenge->encrypted_secret;
  CHECK(fails_with(device.prove(foreign), kProofWrong));
  CHECK(world.devices().empty());

  REQUIRE(device.prove(*challenge));
  CHECK(fails_with(device.prove(*challenge), kChallengeUnknown));

  const auto late = device.begin();
  world.pass(world.deps().settings.challenge_life);
  CHECK(fails_with(device.prove(*late), kChallengeUnknown));
}

TEST_CASE("challenges that nobody answered are swept") {
  World world;
  SoftDevice device(world, "a");
  world.expect(device);
  for (int i = 0; i < 20; ++i) REQUIRE(device.begin());
  world.pass(minutes(2));
  for (int i = 0; i < 5; ++i) REQUIRE(device.begin());
  CHECK(world.challenges() == 5);
}

TEST_CASE("a key that the owner took off the list while it enrolled stays out") {
  World world;
  SoftDevice device(world, "a");
  world.expect(device);
  const auto challenge = device.begin();
  REQUIRE(challenge);
  REQUIRE(world.write([&](ports::Transaction& tx) {
    return ports::Table<ExpectedKeyRow>(tx).erase(std::string(kAcme), device.ek_sha256());
  }));
  CHECK(fails_with(device.prove(*challenge), kEndorsementNotListed));
  CHECK(world.devices().empty());
}

}  // namespace holdfast::service::claim

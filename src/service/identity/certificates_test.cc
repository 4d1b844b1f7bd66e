#include "service/identity/certificates.h"

#include "base/encoding.h"
#include "base/text.h"
#include "fails_with.h"
#include "service/identity/authorities.h"
#include "soft_device.h"
#include "trust/x509/crl.h"

namespace holdfast::service::identity {
namespace {

using ports::CertificateKind;
using ports::CertificateRow;
using ports::CertificateState;
using ports::KeyPurpose;
using ports::KeyRow;
using tests::kAcme;
using tests::kOther;
using tests::ServiceWorld;

struct World : ServiceWorld {
  /// A certificate that ends at `until`; its number is its serial's end and all its bytes.
  CertificateRow plant(std::uint16_t number, CertificateKind kind, Duration until,
                       CertificateState state = CertificateState::Valid, std::string_view device = "one") {
    CertificateRow row;
    row.catalog = kAcme;
    row.serial[0] = 0x10;
    row.serial[14] = static_cast<std::uint8_t>(number >> 8);
    row.serial[15] = static_cast<std::uint8_t>(number);
    row.sha256 = trust::crypto::sha256(bytes(number));
    row.device = device;
    row.kind = kind;
    row.not_before = now() - hours(1);
    row.not_after = now() + until;
    row.state = state;
    if (state != CertificateState::Valid) row.ended_at = now();
    insert(row);
    return row;
  }
  static Blob bytes(std::uint16_t number) { return to_blob(as_bytes(cat("certificate ", number))); }
  Result<DeviceCaller> ask(std::uint16_t number) {
    std::optional<DeviceCaller> out;
    TRY(store().read([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(authenticate(tx, bytes(number), now()));
      return {};
    }));
    return *out;
  }
  void supersede_all(bool everything) {
    REQUIRE(write([&](ports::Transaction& tx) { return supersede(tx, kAcme, "one", everything, "a test", now()); }));
  }
  Result<void> revoke_serial(std::string_view catalog, const ByteArray<16>& serial) {
    return write([&](ports::Transaction& tx) { return revoke(tx, catalog, serial, "lost", tests::kAda, now()); });
  }
  CertificateState state_of(const CertificateRow& row) { return find<CertificateRow>(row.catalog, row.serial)->state; }
  trust::x509::Crl crl(std::string_view file) {
    Request request;
    request.port = Port::Device;
    request.method = "GET";
    request.path = cat("/v1/crl/acme/", file);
    const auto answer = send(request);
    REQUIRE(answer.status == 200);
    CHECK(answer.content_type == "application/pkix-crl");
    const auto list = trust::x509::parse_crl(answer.body);
    REQUIRE(list);
    return *list;
  }
};

}  // namespace

TEST_CASE("a certificate speaks from its first moment to its last, and not one millisecond longer") {
  World world;
  const auto row = world.plant(1, CertificateKind::Client, hours(1));
  const auto caller = world.ask(1);
  REQUIRE(caller);
  CHECK(caller->catalog == kAcme);
  CHECK(caller->device == "one");
  CHECK(caller->kind == CertificateKind::Client);
  world.pass(row.not_after - world.now());
  CHECK(world.ask(1));
  world.pass(Duration(1));
  CHECK(fails_with(world.ask(1), kCertificateExpired));
  world.clock().jump_to(row.not_before);
  CHECK(world.ask(1));
  world.clock().jump_to(row.not_before - Duration(1));
  CHECK(fails_with(world.ask(1), kCertificateExpired));
}

TEST_CASE("revoked stays revoked and superseded stays superseded after the end, too") {
  World world;
  world.plant(1, CertificateKind::Client, hours(-1), CertificateState::Revoked);
  world.plant(2, CertificateKind::Client, hours(-1), CertificateState::Superseded);
  CHECK(fails_with(world.ask(1), kCertificateRevoked));
  CHECK(fails_with(world.ask(2), kCertificateSuperseded));
}

TEST_CASE("superseding ends what is in force of this device, and nothing else") {
  World world;
  const auto client = world.plant(1, CertificateKind::Client, hours(1));
  const auto update = world.plant(2, CertificateKind::Update, days(7));
  const auto expired = world.plant(3, CertificateKind::Client, hours(-1));
  const auto revoked = world.plant(4, CertificateKind::Client, hours(1), CertificateState::Revoked);
  const auto neighbour = world.plant(5, CertificateKind::Client, hours(1), CertificateState::Valid, "two");
  world.supersede_all(false);
  CHECK(world.state_of(client) == CertificateState::Superseded);
  CHECK(world.state_of(update) == CertificateState::Valid);
  world.supersede_all(true);
  CHECK(world.state_of(update) == CertificateState::Superseded);
  CHECK(world.state_of(expired) == CertificateState::Valid);
  CHECK(world.state_of(revoked) == CertificateState::Revoked);
  CHECK(world.state_of(neighbour) == CertificateState::Valid);
}

TEST_CASE("a device that hoarded certificates keeps none of them") {
  World world;
  constexpr std::uint16_t kHoard = 10'500;  // more than one scan returns
  for (std::uint16_t number = 0; number < kHoard; ++number) {
    world.plant(number, CertificateKind::Client, hours(1) + Duration(number));
  }
  world.supersede_all(false);
  for (const std::uint16_t number :
       {std::uint16_t{0}, std::uint16_t{9'999}, std::uint16_t{10'000}, static_cast<std::uint16_t>(kHoard - 1)}) {
    CHECK(fails_with(world.ask(number), kCertificateSuperseded));
  }
}

TEST_CASE("an operator's revocation is recorded once, and reaches no other catalog's certificate") {
  World world;
  world.other_owner();
  const auto row = world.plant(1, CertificateKind::Client, hours(1));
  const auto before = world.audited().size();
  CHECK(fails_with(world.revoke_serial(kOther, row.serial), kCertificateUnknown));
  CHECK(world.ask(1));
  REQUIRE(world.revoke_serial(kAcme, row.serial));
  REQUIRE(world.revoke_serial(kAcme, row.serial));
  CHECK(fails_with(world.ask(1), kCertificateRevoked));
  CHECK(world.audited(kAcme, before) == std::vector<std::string>{"certificate.revoked"});
}

TEST_CASE("a revocation list holds what was revoked and superseded of its kind, and nothing expired or in force") {
  World world;
  const auto superseded = world.plant(1, CertificateKind::Client, hours(1), CertificateState::Superseded);
  const auto revoked = world.plant(2, CertificateKind::Client, hours(1), CertificateState::Revoked);
  world.plant(3, CertificateKind::Client, hours(1));
  world.plant(4, CertificateKind::Client, hours(-1), CertificateState::Revoked);
  world.plant(5, CertificateKind::Client, hours(-1), CertificateState::Superseded);
  const auto update = world.plant(6, CertificateKind::Update, hours(1), CertificateState::Revoked);
  const auto quarantine = world.plant(7, CertificateKind::Quarantine, hours(1), CertificateState::Superseded);

  const auto clients = world.crl("client.crl");
  CHECK(clients.size() == 2);
  REQUIRE(clients.find(superseded.serial));
  CHECK(clients.find(superseded.serial)->reason == trust::x509::RevocationReason::Superseded);
  REQUIRE(clients.find(revoked.serial));
  CHECK(clients.find(revoked.serial)->reason == trust::x509::RevocationReason::PrivilegeWithdrawn);
  CHECK(clients.url() == "https://service.test:8443/v1/crl/acme/client.crl");
  CHECK(clients.next_update() - world.now() <= minutes(5));

  const auto updates = world.crl("update.crl");
  CHECK(updates.size() == 2);
  CHECK(updates.find(update.serial));
  CHECK(updates.find(quarantine.serial));
}

TEST_CASE("an authority is certified for the key that waits, and for no other") {
  World world;
  const auto certified = world.find<KeyRow>(kAcme, KeyPurpose::ClientCa, 1);
  REQUIRE(certified);
  const auto certify = [&](KeyPurpose purpose) {
    return world.write([&](ports::Transaction& tx) -> Result<void> {
      TRY(certify_authority(tx, kAcme, purpose, *certified->certificate, *certified->root, kAnnouncedUsual,
                            world.now()));
      return {};
    });
  };
  CHECK(fails_with(certify(KeyPurpose::ClientCa), kAuthorityMissing));
  for (const KeyPurpose purpose : {KeyPurpose::ClientCa, KeyPurpose::UpdateCa}) {
    REQUIRE(world.write([&](ports::Transaction& tx) -> Result<void> {
      TRY(prepare_authority(tx, world.deps(), kAcme, purpose, tests::kAda, world.now()));
      return {};
    }));
    CHECK(fails_with(certify(purpose), kAuthorityWrong));
  }
  CHECK_FALSE(world.find<KeyRow>(kAcme, KeyPurpose::ClientCa, 2)->certificate);
}

TEST_CASE("no root is shared between catalogs, nor between client and update CA") {
  World world;
  world.other_owner();
  std::set<Blob> roots;
  std::size_t authorities = 0;
  for (const KeyRow& row : world.rows<KeyRow>()) {
    if (!row.root) continue;
    ++authorities;
    roots.insert(*row.root);
  }
  CHECK(authorities == 4);
  CHECK(roots.size() == 4);
}

TEST_CASE("a key that waits is prepared once, and each new one is recorded") {
  World world;
  const auto before = world.audited().size();
  Blob first;
  for (int asked = 0; asked < 2; ++asked) {
    REQUIRE(world.write([&](ports::Transaction& tx) -> Result<void> {
      const auto row = TRY(prepare_authority(tx, world.deps(), kAcme, KeyPurpose::UpdateCa, tests::kAda, world.now()));
      CHECK(row.number == 2);
      CHECK((first.empty() || first == row.public_key));
      first = row.public_key;
      return {};
    }));
  }
  CHECK(world.audited(kAcme, before) == std::vector<std::string>{"authority.prepared"});
}

}  // namespace holdfast::service::identity

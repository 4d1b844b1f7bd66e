#include "service/claim/release.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "fails_with.h"
#include "service/appraise/attest.h"
#include "service/appraise/knowledge.h"
#include "service/catalog/fleet.h"
#include "service/claim/tickets.h"
#include "soft_device.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/device_release.h"

namespace holdfast::service::claim {
namespace {

using ports::DeviceState;
using ports::ReleaseRow;
using tests::kAcme;
using tests::ServiceWorld;
using tests::SoftDevice;

struct World : ServiceWorld {
  World() : device(*this, "device") {
    REQUIRE(owner().allow(deps(), tests::good_image(), now()));
    device.join();
    REQUIRE(device.verdict() == "healthy");
  }

  void let_go() { REQUIRE(owner().let_go(deps(), device.id(), now())); }
  ReleaseRow ordered() { return *find<ReleaseRow>(kAcme, device.id()); }
  Result<void> confirm(const wire::ReleaseConfirmation& said) { return confirm_release(said, deps(), now()); }
  wire::ReleaseConfirmation confirmation() { return device.confirms(ordered().signed_digest); }
  DeviceState state() { return find<ports::DeviceRow>(kAcme, device.id())->state; }
  /// Whether anything of the device still opens a door.
  bool has_valid_certificate() {
    for (const auto& row : rows<ports::CertificateRow>(kAcme)) {
      if (row.device == device.id() && row.state == ports::CertificateState::Valid) return true;
    }
    return false;
  }
  Result<void> order(Bytes statement) {
    return write([&](ports::Transaction& tx) -> Result<void> {
      TRY(order_release(tx, *find_device(tx), statement, tests::kAda, now()));
      return {};
    });
  }
  std::optional<ports::DeviceRow> find_device(ports::Transaction& tx) {
    return *ports::Table<ports::DeviceRow>(tx).find(kAcme, device.id());
  }

  SoftDevice device;
};

}  // namespace

TEST_CASE("a device that is let go keeps all it has until it has confirmed, and then nothing") {
  World world;
  world.let_go();
  CHECK(world.state() == DeviceState::Enrolled);
  CHECK(world.has_valid_certificate());
  REQUIRE(world.confirm(world.confirmation()));
  CHECK(world.state() == DeviceState::Released);
  CHECK_FALSE(world.has_valid_certificate());
  CHECK(world.audited().back() == "device.released");
  CHECK(fails_with(world.device.attest(), appraise::kDeviceUnknown));
  // Again, because an answer may be lost.
  CHECK(world.confirm(world.confirmation()));
  CHECK(world.audited().back() == "device.released");
}

TEST_CASE("nobody confirms for a device, and no other statement is confirmed") {
  World world;
  const auto early = world.device.confirms(Digest256{1});
  CHECK(fails_with(world.confirm(early), kReleaseUnknown));
  world.let_go();
  CHECK(fails_with(world.confirm(early), kReleaseUnknown));
  SoftDevice other(world, "other");
  other.join();
  auto forged = other.confirms(world.ordered().signed_digest);
  forged.device = world.device.id();
  CHECK(fails_with(world.confirm(forged), kReleaseUnproven));
  auto attested = world.confirmation();
  const auto evidence = world.device.evidence(world.device.nonce());
  attested.quote = evidence.quote;
  attested.signature = evidence.quote_signature;
  CHECK(fails_with(world.confirm(attested), kReleaseUnproven));
  CHECK(world.state() == DeviceState::Enrolled);
}

TEST_CASE("only the owner's root lets go, this enrolment alone, and in time") {
  World world;
  world.let_go();
  const Blob statement = world.ordered().statement;
  Blob changed = statement;
  changed[changed.size() / 2] ^= 1;
  CHECK_FALSE(world.order(changed));
  CHECK(fails_with(world.order(as_bytes("{}")), Next::Rejected));
  // Enrolled anew the device has another key: the statement is about one that is gone.
  world.device.new_attestation_key();
  REQUIRE(world.device.enroll(*world.owner().ticket(world.deps(), world.device.id(), world.now())));
  CHECK(fails_with(world.order(statement), trust::tuf::kDeviceReleaseForeign));
  CHECK(fails_with(world.confirm(world.device.confirms(world.ordered().signed_digest)), kReleaseUnknown));
  world.let_go();
  world.pass(days(31));
  CHECK(fails_with(world.order(world.ordered().statement), trust::tuf::kMetadataExpired));
}

TEST_CASE("a released device is claimed by any ticket, as itself, and not by the owner's list") {
  World world;
  world.let_go();
  REQUIRE(world.confirm(world.confirmation()));
  world.device.new_attestation_key();
  CHECK(fails_with(world.device.enroll(), kEndorsementNotListed));
  const std::string before = world.device.id();
  // Its chip has no certificate: the owner names its key anew, and then it takes a ticket like any new device's.
  REQUIRE(world.owner().expect_key(world.deps(), world.device.ek_sha256(), world.now()));
  REQUIRE(world.device.enroll(*world.owner().ticket(world.deps(), {}, world.now())));
  CHECK(world.device.id() == before);
  CHECK(world.state() == DeviceState::Enrolled);
  world.device.boot();
  CHECK(world.device.verdict() == "healthy");
  CHECK(fails_with(world.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(release_statement(tx, kAcme, before, world.now()));
    return {};
  }),
                   kReleaseUnknown));
}

TEST_CASE("a held device can be let go, and a released one cannot be held") {
  World world;
  world.device.set_hold(true);
  world.let_go();
  REQUIRE(world.confirm(world.confirmation()));
  CHECK(world.state() == DeviceState::Released);
  CHECK(fails_with(world.write([&](ports::Transaction& tx) -> Result<void> {
    TRY(catalog::set_hold(tx, *world.find_device(tx), true, tests::kAda, world.now()));
    return {};
  }),
                   catalog::kDeviceReleased));
}

}  // namespace holdfast::service::claim

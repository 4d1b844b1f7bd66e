#include "fails_with.h"
#include "ports/store/rows/attestation.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/rows/device.h"
#include "service/claim/tickets.h"
#include "soft_device.h"

namespace holdfast::service::claim {
namespace {

using ports::CertificateRow;
using ports::CertificateState;
using tests::kAcme;
using tests::ServiceWorld;
using tests::SoftDevice;

/// One device that is enrolled and attested healthy.
struct World : ServiceWorld {
  World() {
    REQUIRE(owner().allow(deps(), tests::good_image(), now()));
    device.join();
    REQUIRE(device.verdict() == "healthy");
  }
  Blob ticket(std::optional<std::string> for_device = {}) {
    return *owner().ticket(deps(), std::move(for_device), now());
  }
  std::vector<CertificateRow> valid_certificates() {
    auto all = rows<CertificateRow>(kAcme);
    std::erase_if(all, [](const CertificateRow& row) { return row.state != CertificateState::Valid; });
    return all;
  }

  SoftDevice device{*this, "a"};
};

}  // namespace

TEST_CASE("a known chip with a new attestation key needs a ticket that names it") {
  World world;
  world.device.new_attestation_key();
  CHECK(fails_with(world.device.begin(), kTicketNeeded));
  CHECK(fails_with(world.device.begin(world.ticket()), kTicketNeeded));
  CHECK(world.device.enroll(world.ticket(world.device.id())));
}

TEST_CASE("enrolled anew a device keeps its id and floor; certificates end and counters start again") {
  World world;
  auto before = world.device.row();
  before.floor = R"({"os":3})";
  world.update(before);
  REQUIRE(world.valid_certificates().size() == 2);
  world.device.clear_tpm();
  REQUIRE(world.device.enroll(world.ticket(world.device.id())));
  const auto after = world.device.row();
  CHECK(after.device == before.device);
  CHECK(after.ek_sha256 == before.ek_sha256);
  CHECK(after.floor == before.floor);
  CHECK(after.enrolments == 2);
  CHECK(after.ak_public != before.ak_public);
  CHECK_FALSE(after.last_verdict);
  CHECK_FALSE(after.clock_ms);
  CHECK_FALSE(after.reset_count);
  CHECK_FALSE(after.restart_count);
  CHECK(after.boot_count == 0);
  CHECK(world.valid_certificates().empty());
  CHECK(world.audited().back() == "device.re-enrolled");
}

TEST_CASE("a cleared chip whose counters begin again is no clone") {
  World world;
  world.pass(hours(5));
  REQUIRE(world.device.verdict() == "healthy");
  world.device.clear_tpm();
  REQUIRE(world.device.enroll(world.ticket(world.device.id())));
  world.device.boot();
  CHECK(world.device.verdict() == "healthy");
}

TEST_CASE("evidence by the old attestation key is worth nothing once the device has a new one") {
  World world;
  const auto nonce = world.device.nonce();
  const auto old_evidence = world.device.evidence(nonce);
  world.device.new_attestation_key();
  REQUIRE(world.device.enroll(world.ticket(world.device.id())));
  const auto row = world.device.row();
  CHECK(fails_with(world.device.show(old_evidence), Next::Denied));
  CHECK(world.device.row().attestations == row.attestations);
  CHECK_FALSE(world.find<ports::NonceRow>(nonce));
  CHECK(world.valid_certificates().empty());
}

TEST_CASE("a held device cannot enrol itself free") {
  World world;
  world.device.set_hold(true);
  world.device.new_attestation_key();
  REQUIRE(world.device.enroll(world.ticket(world.device.id())));
  CHECK(world.device.row().state == ports::DeviceState::Held);
  world.device.boot();
  CHECK(world.device.verdict() == "quarantined");
}

TEST_CASE("two enrolments of one new chip that overlap leave one key: the ticket of the second does not name it") {
  World world;
  SoftDevice chip(world, "b");
  REQUIRE(world.owner().expect_key(world.deps(), chip.ek_sha256(), world.now()));
  SoftDevice again = chip.clone();
  again.new_attestation_key();
  const auto first = chip.begin(world.ticket());
  const auto second = again.begin(world.ticket());
  REQUIRE(first);
  REQUIRE(second);
  REQUIRE(chip.prove(*first));
  const auto row = chip.row();
  CHECK(fails_with(again.prove(*second), kTicketNeeded));
  CHECK(chip.row().ak_public == row.ak_public);
  CHECK(chip.row().enrolments == 1);
}

}  // namespace holdfast::service::claim

#include "service/identity/rotation.h"

#include "base/text.h"
#include "fails_with.h"
#include "service/catalog/catalogs.h"
#include "service/identity/certificates.h"
#include "soft_device.h"
#include "trust/x509/authority.h"
#include "trust/x509/crl.h"
#include "wire/check_in.h"

namespace holdfast::service::identity {
namespace {

using ports::CertificateRow;
using ports::CertificateState;
using ports::FormerAuthorityRow;
using ports::KeyPurpose;
using ports::KeyRow;
using tests::kAcme;
using tests::kAda;
using tests::ServiceWorld;
using tests::SoftDevice;

constexpr KeyPurpose kClient = KeyPurpose::ClientCa;

struct World : ServiceWorld {
  World() {
    REQUIRE(owner().allow(deps(), tests::good_image(), now()));
    device.join();
  }

  Result<KeyRow> prepare(KeyPurpose purpose = kClient) {
    std::optional<KeyRow> out;
    TRY(write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(prepare_authority(tx, deps(), kAcme, purpose, kAda, now()));
      return {};
    }));
    return *out;
  }
  Result<KeyRow> rotate(Duration announced = kAnnouncedUsual, KeyPurpose purpose = kClient) {
    const KeyRow key = TRY(prepare(purpose));
    const auto made = TRY(owner().certified(purpose, key.number, key.public_key, now()));
    std::optional<KeyRow> out;
    TRY(write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(catalog::certify_next_authority(tx, kAcme, purpose, made, announced, kAda, now()));
      return {};
    }));
    return *out;
  }
  Result<void> retire(std::int64_t number) {
    return write(
        [&](ports::Transaction& tx) { return retire_authority(tx, deps(), kAcme, kClient, number, kAda, now()); });
  }
  Result<void> distrust(std::int64_t number) {
    return write([&](ports::Transaction& tx) {
      return distrust_authority(tx, deps(), kAcme, kClient, number, "stolen", kAda, now());
    });
  }
  std::size_t supersede(std::int64_t number) {
    Superseded page;
    REQUIRE(write([&](ports::Transaction& tx) -> Result<void> {
      page = TRY(supersede_issued_by(tx, kAcme, ports::CertificateKind::Client, number, {}, "stolen", now()));
      return {};
    }));
    return page.certificates;
  }
  trust::x509::Certificate client_certificate() {
    const auto result = device.attest();
    REQUIRE(result);
    REQUIRE(result->client_certificate);
    return *trust::x509::parse_certificate(result->client_certificate->certificate);
  }
  /// What the device port gives out, and how many blocks of PEM it has.
  std::string file(std::string_view path) {
    Request request;
    request.port = Port::Device;
    request.method = "GET";
    request.path = path;
    const auto answer = send(request);
    REQUIRE(answer.status == 200);
    return to_text(answer.body);
  }
  /// The number of the authority in force when the last certificate was issued.
  std::int64_t issued_by() {
    REQUIRE(device.attest());
    std::int64_t out = 0;
    for (const CertificateRow& row : rows<CertificateRow>(kAcme)) {
      if (row.kind == ports::CertificateKind::Client && row.appraisal == device.row().attestations) {
        out = row.authority.value_or(0);
      }
    }
    return out;
  }

  SoftDevice device{*this, "a"};
};

std::size_t blocks(const std::string& pem) { return trust::x509::read_certificates(pem)->size(); }

}  // namespace

TEST_CASE("the next authority issues nothing before relying services have had time for its list") {
  World world;
  CHECK(fails_with(world.rotate(minutes(9)), kInputMalformed));
  CHECK(fails_with(world.rotate(days(91)), kInputMalformed));
  const auto next = world.rotate(minutes(10));
  REQUIRE(next);
  CHECK(next->in_force_at == world.now() + minutes(10));
  CHECK(world.issued_by() == 1);
  world.pass(minutes(10) - Duration(1));
  CHECK(world.issued_by() == 1);
  world.pass(Duration(1));
  CHECK(world.issued_by() == 2);
}

TEST_CASE(
    "the next authority's certificate and list can be fetched from its announcement on, behind the present one's") {
  World world;
  REQUIRE(world.rotate());
  const auto lists = *trust::x509::read_crls(world.file("/v1/crl/acme/client.pem"));
  REQUIRE(lists.size() == 2);
  const auto chain = *trust::x509::read_certificates(world.file("/v1/ca/acme/client.pem"));
  REQUIRE(chain.size() == 2);
  CHECK(chain[0].subject_common_name() == "acme client CA 1");
  CHECK(chain[1].subject_common_name() == "acme client CA 2");
  CHECK(trust::x509::is_issuer_of(chain[0], lists[0]));
  CHECK(trust::x509::is_issuer_of(chain[1], lists[1]));
  const auto in_force = [&] { return *trust::x509::parse_crl(as_bytes(world.file("/v1/crl/acme/client.crl"))); };
  CHECK(trust::x509::is_issuer_of(chain[0], in_force()));
  world.pass(kAnnouncedUsual);
  CHECK(trust::x509::is_issuer_of(chain[1], in_force()));
  CHECK(blocks(world.file("/v1/ca/acme/client.pem")) == 2);
}

TEST_CASE("one rotation follows the other, and only so many authorities are there at once") {
  World world;
  REQUIRE(world.rotate());
  CHECK(fails_with(world.prepare(), kAuthorityNotYet));
  for (int i = 0; i < 2; ++i) {
    world.pass(kAnnouncedUsual);
    REQUIRE(world.rotate());
  }
  world.pass(kAnnouncedUsual);
  CHECK(fails_with(world.prepare(), kAuthoritiesTooMany));
  REQUIRE(world.retire(1));  // it issued nothing
  CHECK(world.prepare()->number == 5);
}

TEST_CASE("a certificate ends with its authority, and from then on the device has the update certificate alone") {
  World world;
  const WallTime end = trust::x509::parse_certificate(*world.find<KeyRow>(kAcme, kClient, 1)->certificate)->not_after();
  world.pass(end - world.now() - hours(1));
  CHECK(world.client_certificate().not_after() == end);
  const auto update = world.find<KeyRow>(kAcme, KeyPurpose::UpdateCa, 1);
  CHECK(update);
  REQUIRE(world.rotate(kAnnouncedUsual, KeyPurpose::UpdateCa));
  world.pass(hours(2));
  const auto result = world.device.attest();
  REQUIRE(result);
  CHECK_FALSE(result->client_certificate);
  CHECK(result->update_certificate);
}

TEST_CASE("without any authority in force the refusal says since when and what to do") {
  World world;
  world.pass(trust::x509::kIssuingCaLifeMax);
  const auto result = world.device.attest();
  REQUIRE_FALSE(result);
  CHECK(result.error().reason == kAuthorityMissing);
  CHECK(result.error().message.find("holdfast authority rotate") != std::string::npos);
}

TEST_CASE("an authority is retired when its last certificate has ended, superseded or not, and its key is gone") {
  World world;
  const auto certificate = world.client_certificate();
  REQUIRE(world.rotate());
  world.pass(kAnnouncedUsual);
  CHECK(fails_with(world.retire(2), kAuthorityInUse));
  REQUIRE(world.write(
      [&](ports::Transaction& tx) { return supersede(tx, kAcme, world.device.id(), true, "a test", world.now()); }));
  CHECK(fails_with(world.retire(1), kAuthorityInUse));
  world.pass(certificate.not_after() - world.now());
  CHECK(fails_with(world.retire(1), kAuthorityInUse));
  world.pass(Duration(1));
  const auto entries = world.audited().size();
  REQUIRE(world.retire(1));
  REQUIRE(world.retire(1));
  CHECK(world.audited(kAcme, entries) == std::vector<std::string>{"authority.retired"});
  CHECK_FALSE(world.find<KeyRow>(kAcme, kClient, 1));
  const auto former = world.find<FormerAuthorityRow>(kAcme, kClient, 1);
  REQUIRE(former);
  CHECK(former->certificate);
  CHECK_FALSE(former->is_distrusted);
  CHECK(fails_with(world.distrust(1), kAuthorityEnded));
}

TEST_CASE(
    "a certificate of which nobody knows who issued it keeps every authority, and ends with whichever is distrusted") {
  World world;
  world.client_certificate();
  for (CertificateRow row : world.rows<CertificateRow>(kAcme)) {
    row.authority.reset();  // as an older program writes it
    world.update(row);
  }
  REQUIRE(world.rotate());
  world.pass(kAnnouncedUsual);
  CHECK(fails_with(world.retire(1), kAuthorityInUse));
  std::vector<Authority> shown;
  world.read([&](ports::Transaction& tx) -> Result<void> {
    shown = TRY(authorities_of(tx, world.deps(), kAcme, kClient, world.now()));
    return {};
  });
  REQUIRE(shown.size() == 2);
  CHECK_FALSE(shown[1].may_retire);
  CHECK(shown[1].issued->last_ends_at > world.now());
  REQUIRE(world.distrust(1));
  CHECK(world.supersede(1) == 1);
}

TEST_CASE("an attestation under way does not leave a certificate of an authority that is distrusted meanwhile") {
  World world;
  world.client_certificate();
  const auto evidence = world.device.evidence(world.device.nonce());
  world.before_next_write([&] { REQUIRE(world.distrust(1)); });
  CHECK(fails_with(world.device.show(evidence), kAuthorityEnded));
  CHECK(world.supersede(1) == 1);
  CHECK(world.supersede(1) == 0);
  for (const CertificateRow& row : world.rows<CertificateRow>(kAcme)) {
    CHECK((row.kind == ports::CertificateKind::Client) == (row.state == CertificateState::Superseded));
  }
}

TEST_CASE("distrust leaves what other authorities issued, and the one before issues again") {
  World world;
  REQUIRE(world.rotate());
  CHECK(world.issued_by() == 1);
  world.pass(kAnnouncedUsual);
  CHECK(world.issued_by() == 2);
  REQUIRE(world.distrust(2));
  REQUIRE(world.distrust(2));
  CHECK(world.supersede(2) == 1);
  CHECK(world.issued_by() == 1);
  CHECK(trust::x509::read_crls(world.file("/v1/crl/acme/client.pem"))->size() == 1);
  CHECK(blocks(world.file("/v1/ca/acme/client.pem")) == 1);
  CHECK(world.prepare()->number == 3);
}

TEST_CASE("the number of an authority that was distrusted is not given again") {
  World world;
  REQUIRE(world.distrust(1));
  CHECK(world.prepare()->number == 2);
}

TEST_CASE("a healthy device without a client certificate is asked for evidence as soon as it can be given one") {
  World world;
  REQUIRE(world.distrust(1));
  const auto result = world.device.attest();
  REQUIRE(result);
  Request check_in;
  check_in.port = Port::Device;
  check_in.method = "POST";
  check_in.path = "/v1/check-in";
  check_in.client_certificate = result->update_certificate->certificate;
  check_in.body = wire::CheckInRequest{.boot_count = 1, .running = {}, .trust_policy = 1, .audit_head = {}}.encode();
  const auto asked = [&] { return wire::CheckInResult::decode(world.send(check_in).body)->attest_now; };
  CHECK_FALSE(asked());
  REQUIRE(world.rotate());
  CHECK(asked());
}

}  // namespace holdfast::service::identity

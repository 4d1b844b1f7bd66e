#include "service/appraise/attest.h"

#include "fails_with.h"
#include "ports/store/rows/attestation.h"
#include "ports/store/rows/audit.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/rows/device.h"
#include "service/identity/certificates.h"
#include "soft_device.h"
#include "trust/x509/certificate.h"

namespace holdfast::service::appraise {
namespace {

using ports::CertificateKind;
using ports::CertificateRow;
using ports::CertificateState;
using tests::kAcme;
using tests::ServiceWorld;
using tests::SoftDevice;
using trust::appraisal::Verdict;

bool permits(Verdict verdict, CertificateKind kind) {
  switch (kind) {
    case CertificateKind::Client: return verdict == Verdict::Healthy;
    case CertificateKind::Update: return verdict == Verdict::Healthy || verdict == Verdict::UpdateOnly;
    case CertificateKind::Quarantine: return verdict == Verdict::Quarantined;
    case CertificateKind::Unattested: return false;  // no verdict gives one
  }
  return false;
}

struct World : ServiceWorld {
  World() {
    REQUIRE(owner().allow(deps(), tests::good_image(), now()));
    device.join();
  }

  /// The kinds in force, and on the way that each certificate there ever was has the appraisal that permits it.
  std::vector<CertificateKind> in_force() {
    std::vector<CertificateKind> out;
    for (const CertificateRow& row : rows<CertificateRow>(kAcme)) {
      const auto appraisal = find<ports::AppraisalRow>(row.catalog, row.device, row.appraisal);
      REQUIRE(appraisal);
      CHECK(permits(static_cast<Verdict>(appraisal->verdict), row.kind));
      if (row.state == CertificateState::Valid) out.push_back(row.kind);
    }
    std::ranges::sort(out);
    return out;
  }

  SoftDevice device{*this, "a"};
};

using Kinds = std::vector<CertificateKind>;

std::string failed_check(const wire::AttestResult& result) {
  for (const auto& finding : result.findings) {
    if (!finding.passed) return finding.check;
  }
  return {};
}

}  // namespace

TEST_CASE("healthy: a client and an update certificate, each for its key, its device and its time") {
  World world;
  const auto result = world.device.attest();
  REQUIRE(result);
  CHECK(result->verdict == "healthy");
  CHECK(world.in_force() == Kinds{CertificateKind::Client, CertificateKind::Update});
  REQUIRE(result->client_certificate);
  const auto client = trust::x509::parse_certificate(result->client_certificate->certificate);
  REQUIRE(client);
  CHECK(client->not_after() == world.now() + hours(24));
  CHECK(client->not_before() == world.now() - hours(1));
  CHECK(trust::x509::parse_certificate(result->update_certificate->certificate)->not_after() == world.now() + days(7));
}

TEST_CASE("a vault whose floor fell, or is gone, is update-only until it is laid again, and no other device is") {
  World world;
  world.device.says_its_floors_are({{"os", 1}});
  CHECK(world.device.verdict() == "healthy");
  world.device.says_its_floors_are({});
  const auto result = world.device.attest();
  REQUIRE(result);
  CHECK(result->verdict == "update-only");
  CHECK(failed_check(*result) == "above-floor");
  world.device.says_its_floors_are({{"os", 1}});
  CHECK(world.device.verdict() == "healthy");
  SoftDevice other(world, "b");
  other.join();
  CHECK(other.verdict() == "healthy");
}

TEST_CASE("what a device escrows is kept from its healthy boots alone") {
  World world;
  const auto kept = [&] { return world.device.row().escrow; };
  CHECK(world.device.verdict() == "healthy");
  CHECK_FALSE(kept());
  world.device.escrows(Blob(145, 1));
  CHECK(world.device.verdict() == "healthy");
  CHECK(kept() == Blob(145, 1));
  world.device.escrows({});
  CHECK(world.device.verdict() == "healthy");
  CHECK(kept() == Blob(145, 1));
  world.device.escrows(Blob(145, 2));
  world.device.says_its_floors_are({{"os", INT64_MAX}});
  CHECK(world.device.verdict() == "update-only");
  CHECK(kept() == Blob(145, 1));
}

TEST_CASE("a device that says its floor is above what it runs is update-only for as long as it says so") {
  World world;
  world.device.says_its_floors_are({{"os", INT64_MAX}, {"nothing-measured", 7}});
  CHECK(world.device.verdict() == "update-only");
  world.device.says_its_floors_are({});
  CHECK(world.device.verdict() == "healthy");
}

TEST_CASE("a request's own name is not read: the certificate names the device that attested") {
  World world;
  const auto result = world.device.attest();  // its requests wish for hf-0000-0000-0000-0000 of another catalog
  REQUIRE(result);
  for (const auto& issued : {result->client_certificate, result->update_certificate}) {
    REQUIRE(issued);
    const auto certificate = trust::x509::parse_certificate(issued->certificate);
    REQUIRE(certificate);
    CHECK(certificate->subject_common_name() == world.device.id());
    CHECK(certificate->subject_organization() == "acme");
    CHECK(certificate->uris() == std::vector<std::string>{"urn:holdfast:acme:" + world.device.id()});
  }
}

TEST_CASE("an unknown boot event: the client certificates end in the same transaction, the update one stays") {
  World world;
  REQUIRE(world.device.verdict() == "healthy");
  world.device.boot(tests::kTamperedBoot);
  const auto evidence = world.device.evidence(world.device.nonce());
  std::size_t certificates_before = 0;
  world.before_next_write([&] { certificates_before = world.in_force().size(); });
  const auto result = world.device.show(evidence);
  REQUIRE(result);
  CHECK(certificates_before == 2);
  CHECK(result->verdict == "update-only");
  CHECK(failed_check(*result) == "events-known");
  CHECK_FALSE(result->client_certificate);
  CHECK(world.in_force() == Kinds{CertificateKind::Update, CertificateKind::Update});
  world.device.boot();
  CHECK(world.device.verdict() == "healthy");
}

TEST_CASE("a result that cannot be audited is not given, and nothing of it stays") {
  World world;
  const auto evidence = world.device.evidence(world.device.nonce());
  ports::AuditRow in_the_way;
  in_the_way.catalog = kAcme;
  in_the_way.sequence = static_cast<std::int64_t>(world.audited().size()) + 1;
  world.insert(in_the_way);
  CHECK(fails_with(world.device.show(evidence), ports::kRowExists));
  CHECK(world.device.row().attestations == 0);
  CHECK(world.rows<ports::AppraisalRow>(kAcme).empty());
  CHECK(world.rows<CertificateRow>(kAcme).empty());
  CHECK(world.rows<ports::EvidenceRow>(kAcme).empty());
  CHECK(world.find<ports::NonceRow>(evidence.nonce));
}

TEST_CASE("a log that is not the chip's: refused, nothing is issued and everything ends") {
  World world;
  REQUIRE(world.device.verdict() == "healthy");
  world.device.boot(tests::kTamperedBoot);
  world.device.shows_the_log_of(tests::kGoodBoot);
  const auto result = world.device.attest();
  REQUIRE(result);
  CHECK(result->verdict == "refused");
  CHECK(failed_check(*result) == "log-replays");
  CHECK_FALSE(result->client_certificate);
  CHECK_FALSE(result->update_certificate);
  CHECK(world.in_force().empty());
}

TEST_CASE("forged evidence spends its nonce and changes nothing about the device") {
  World world;
  REQUIRE(world.device.verdict() == "healthy");
  SoftDevice forger(world, "forger");
  forger.boot();
  const auto row = world.device.row();
  const auto entries = world.audited();
  const auto refused = [&](auto change) {
    auto evidence = world.device.evidence(world.device.nonce());
    change(evidence);
    const bool out = fails_with(world.device.show(evidence), kEvidenceNotAuthentic);
    CHECK_FALSE(world.find<ports::NonceRow>(evidence.nonce));
    return out;
  };
  CHECK(refused([&](wire::AttestRequest& evidence) {
    const auto forged = forger.evidence(evidence.nonce);  // another chip's key over the same nonce
    evidence.quote = forged.quote;
    evidence.quote_signature = forged.quote_signature;
  }));
  CHECK(refused([](wire::AttestRequest& evidence) { evidence.quote.back() ^= 1; }));
  CHECK(refused([](wire::AttestRequest& evidence) { evidence.quote.front() ^= 1; }));  // TPM_GENERATED
  CHECK(refused([](wire::AttestRequest& evidence) { evidence.quote = evidence.client_key.attest; }));
  CHECK(refused([](wire::AttestRequest& evidence) { evidence.quote_signature = {}; }));
  CHECK(refused([](wire::AttestRequest& evidence) {
    auto body = *wire::AttestBody::decode(evidence.body);
    body.boot_count += 1;
    evidence.body = body.encode();
  }));
  const auto after = world.device.row();
  CHECK(after.attestations == row.attestations);
  CHECK(after.last_verdict == row.last_verdict);
  CHECK(after.clock_ms == row.clock_ms);
  CHECK(after.boot_count == row.boot_count);
  CHECK(world.in_force() == Kinds{CertificateKind::Client, CertificateKind::Update});
  CHECK(world.audited() == entries);
}

TEST_CASE("a forgery that loses a race for its nonce is still called what it is") {
  World world;
  auto forged = world.device.evidence(world.device.nonce());
  const auto genuine = forged;
  forged.quote.back() ^= 1;
  world.before_next_write([&] { REQUIRE(world.device.show(genuine)); });
  CHECK(fails_with(world.device.show(forged), kEvidenceNotAuthentic));
}

TEST_CASE("somebody else's certified keys, or requests for other keys, earn nothing") {
  World world;
  SoftDevice neighbour(world, "b");
  neighbour.join();
  auto evidence = world.device.evidence(world.device.nonce());
  evidence.client_key = neighbour.evidence(evidence.nonce).client_key;
  const auto result = world.device.show(evidence);
  REQUIRE(result);
  CHECK(result->verdict == "refused");
  CHECK(failed_check(*result) == "client-key-certified");
  CHECK(world.in_force().empty());
}

TEST_CASE("two chips with one identity: quarantined, held until let go, and no better boot talks it out") {
  World world;
  REQUIRE(world.device.verdict() == "healthy");
  SoftDevice clone = world.device.clone();
  world.pass(minutes(10));
  clone.boot();
  REQUIRE(clone.verdict() == "healthy");  // it is ahead, and nobody can know yet
  const auto result = world.device.attest();
  REQUIRE(result);
  CHECK(result->verdict == "quarantined");
  CHECK(failed_check(*result) == "clock-forward");
  CHECK(world.in_force() == Kinds{CertificateKind::Quarantine});
  CHECK(world.device.row().state == ports::DeviceState::Held);
  for (SoftDevice* one : {&clone, &world.device}) {
    world.pass(minutes(10));
    one->boot();
    CHECK(one->verdict() == "quarantined");
    CHECK(std::ranges::count(world.in_force(), CertificateKind::Quarantine) == 1);
  }
  world.device.set_hold(false);
  world.pass(minutes(10));
  world.device.boot();
  world.device.boot();
  CHECK(world.device.verdict() == "healthy");
}

TEST_CASE("a quarantine certificate lives an hour and may not check in") {
  World world;
  world.device.set_hold(true);
  const auto result = world.device.attest();
  REQUIRE(result);
  REQUIRE(result->update_certificate);
  CHECK(trust::x509::parse_certificate(result->update_certificate->certificate)->not_after() == world.now() + hours(1));
  Request request;
  request.port = Port::Device;
  request.method = "POST";
  request.path = "/v1/check-in";
  request.client_certificate = result->update_certificate->certificate;
  CHECK(tests::reason_of(world.send(request)) == kCallerNotAllowed.word());
}

TEST_CASE("a client certificate's life is the policy's, from ten minutes to thirty days and never outside") {
  World world;
  const std::string token = world.token("ada", Scope::Own);
  const auto life_under = [&](std::string_view policy) -> std::optional<Duration> {
    if (world.ask(token, "POST", "/v1/catalogs/acme/policies/default", policy).status != 201) return {};
    const auto result = world.device.attest();
    REQUIRE(result);
    REQUIRE(result->client_certificate);
    return trust::x509::parse_certificate(result->client_certificate->certificate)->not_after() - world.now();
  };
  CHECK(life_under(R"({"version":1,"client_life":"10min"})") == minutes(10));
  CHECK(life_under(R"({"version":1,"client_life":"30d","long_life_exception":"at sea"})") == days(30));
  CHECK_FALSE(life_under(R"({"version":1,"client_life":"9min"})"));
  CHECK_FALSE(life_under(R"({"version":1,"client_life":"31d","long_life_exception":"at sea"})"));
  CHECK_FALSE(life_under(R"({"version":1,"client_life":"25h"})"));
}

}  // namespace holdfast::service::appraise

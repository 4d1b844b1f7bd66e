// EST by its routes: what is issued, for how long, and to whom nothing is.
#include <doctest/doctest.h>

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/est.h"
#include "service/catalog/catalogs.h"
#include "service/est/enroll.h"
#include "service/est/settings.h"
#include "service/est/things.h"
#include "service/identity/authorities.h"
#include "service/identity/certificates.h"
#include "soft_device.h"
#include "trust/x509/authority.h"
#include "trust/x509/request.h"

namespace holdfast::service::est {
namespace {

using ports::CertificateKind;
using ports::CertificateRow;
using ports::KeyPurpose;
using tests::kAcme;
using tests::reason_of;
using tests::ServiceWorld;
using tests::SoftDevice;
using trust::crypto::HashAlgorithm;
using trust::crypto::PrivateKey;

/// `text` within a certs-only envelope: DER is searched, since what issues certificates must not depend on reading
/// them.
bool holds(const Blob& envelope, Bytes certificate) {
  return as_text(envelope).find(as_text(certificate)) != std::string_view::npos;
}

struct World : ServiceWorld {
  World() { certify_unattested(); }

  void certify_unattested() {
    const auto row = [&] {
      std::optional<ports::KeyRow> out;
      REQUIRE(write([&](ports::Transaction& tx) -> Result<void> {
        out = TRY(identity::prepare_authority(tx, deps(), kAcme, KeyPurpose::UnattestedCa, tests::kAda, now()));
        return {};
      }));
      return *out;
    }();
    const auto signed_by_root = [&](const Result<Blob>& to_be_signed) {
      REQUIRE(to_be_signed);
      return trust::x509::assemble_certificate(*to_be_signed, *root_key.sign(HashAlgorithm::Sha256, *to_be_signed));
    };
    const auto authority = trust::x509::Authority::Unattested;
    const std::string catalog(kAcme);
    const Blob root = signed_by_root(trust::x509::root_to_be_signed(
        {authority, catalog, root_key.public_key().spki(), {0x11}, now() - hours(1), now() + days(3000)}));
    const Blob ca = signed_by_root(trust::x509::issuing_ca_to_be_signed({authority,
                                                                         catalog,
                                                                         1,
                                                                         *trust::x509::parse_certificate(root),
                                                                         row.public_key,
                                                                         {0x12},
                                                                         now() - hours(1),
                                                                         now() + trust::x509::kIssuingCaLife}));
    REQUIRE(write([&](ports::Transaction& tx) -> Result<void> {
      TRY(identity::certify_authority(tx, kAcme, KeyPurpose::UnattestedCa, ca, root, minutes(15), now()));
      return {};
    }));
    unattested_ca = ca;
  }

  void set(const Settings& settings) {
    REQUIRE(write([&](ports::Transaction& tx) { return set_settings(tx, kAcme, settings, tests::kAda, now()); }));
  }
  std::string secret_of(std::string_view thing, Duration life = days(1)) {
    std::string out;
    REQUIRE(write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(make_secret(tx, deps(), kAcme, thing, life, tests::kAda, now())).secret;
      return {};
    }));
    return out;
  }
  static Blob request_for(const PrivateKey& key, std::string_view name) {
    const Blob to_be_signed = trust::x509::request_to_be_signed(key.public_key(), "", name);
    return trust::x509::assemble_request(to_be_signed, *key.sign(HashAlgorithm::Sha256, to_be_signed));
  }
  Response est(std::string_view method, std::string_view operation, std::string_view body = {},
               std::string authorization = {}, std::optional<Blob> certificate = {}, std::string_view catalog = kAcme) {
    Request request;
    request.port = Port::Est;
    request.method = method;
    request.path = cat("/.well-known/est/", catalog, catalog.empty() ? "" : "/", operation);
    request.body = to_blob(as_bytes(body));
    request.authorization = std::move(authorization);
    request.client_certificate = std::move(certificate);
    return send(request);
  }
  Response enroll(std::string_view name, std::string_view secret, std::optional<Blob> request = {}) {
    const std::string basic = cat("Basic ", to_base64(as_bytes(cat(name, ":", secret))));
    return est("POST", "simpleenroll", to_base64(request ? *request : request_for(key, name)), basic);
  }
  Response reenroll(const wire::AttestResult& attested, const Blob& request) {
    return est("POST", "simplereenroll", to_base64(request), {}, attested.client_certificate->certificate);
  }
  std::vector<CertificateRow> certificates(std::string_view device) {
    std::vector<CertificateRow> out;
    for (auto& row : rows<CertificateRow>(kAcme)) {
      if (row.device == device) out.push_back(std::move(row));
    }
    return out;
  }

  PrivateKey root_key = new_key("unattested root");
  PrivateKey key = new_key("a thing");
  Blob unattested_ca;

  PrivateKey new_key(std::string_view label) {
    auto random = fork(label);
    return *PrivateKey::ec_from_entropy(trust::crypto::KeyKind::EcP256, ports::random_secret(random, 48).expose());
  }
};

/// A healthy device, and the request that its client key signed.
struct Attested {
  explicit Attested(World& world) : device(world, "device") {
    REQUIRE(world.owner().allow(world.deps(), tests::good_image(), world.now()));
    device.join();
    request = device.client_request(device.id());
    auto answer = device.attest();
    REQUIRE(answer);
    REQUIRE(answer->client_certificate);
    result = *std::move(answer);
  }
  SoftDevice device;
  Blob request;
  wire::AttestResult result;
};

Blob body_of(const Response& response) {
  CHECK(response.is_base64);
  std::string text(as_text(response.body));
  REQUIRE(text.ends_with('\n'));
  text.pop_back();
  CHECK(text.find('\n') == std::string::npos);
  return *from_base64(text);
}

}  // namespace

TEST_CASE("nothing is issued until the catalog's owner says so, and EST says that it is off") {
  World world;
  const std::string secret = world.secret_of("printer-3");
  CHECK(reason_of(world.enroll("printer-3", secret)) == kEstOff.word());
  CHECK(reason_of(world.est("GET", "cacerts")) == kEstOff.word());
  Attested attested(world);
  CHECK(reason_of(world.reenroll(attested.result, attested.request)) == kEstOff.word());
  CHECK(world.certificates("printer-3").empty());
}

TEST_CASE("a named thing gets one certificate of the unattested CA for its secret, and no second one") {
  World world;
  world.set({.things = true, .thing_life = hours(12)});
  const std::string secret = world.secret_of("printer-3");
  const Response answer = world.enroll("printer-3", secret);
  REQUIRE(answer.status == 200);
  CHECK(answer.content_type == "application/pkcs7-mime; smime-type=certs-only");
  const auto issued = world.certificates("printer-3");
  REQUIRE(issued.size() == 1);
  CHECK(issued.front().kind == CertificateKind::Unattested);
  CHECK(issued.front().not_after == world.now() + hours(12));
  CHECK(issued.front().appraisal == 0);
  CHECK(body_of(answer).size() > 300);
  const Response again = world.enroll("printer-3", secret);
  CHECK(again.status == 403);
  CHECK(reason_of(again) == kSecretUsed.word());
  CHECK(world.certificates("printer-3").size() == 1);
  CHECK(world.audited().back() == "thing.enrolled");
}

TEST_CASE("who shows no secret, another's, an old or an expired one is told how to, and gets nothing") {
  World world;
  world.set({.things = true});
  const std::string old = world.secret_of("printer-3");
  const std::string secret = world.secret_of("printer-3", hours(1));
  world.secret_of("printer-4");
  const Response without = world.est("POST", "simpleenroll", "anything");
  CHECK(without.status == 401);
  CHECK(without.authenticate.starts_with("Basic realm="));
  CHECK(world.enroll("printer-3", old).status == 401);
  CHECK(world.enroll("printer-4", secret).status == 401);
  CHECK(world.enroll("printer-5", secret).status == 401);
  CHECK(world.enroll("printer-3", secret + "x").status == 401);
  CHECK(world.est("POST", "simpleenroll", "", "Basic !!!").status == 401);
  CHECK(world.est("POST", "simpleenroll", "", "Basic " + to_base64(as_bytes("no colon"))).status == 401);
  world.pass(hours(1));
  CHECK(reason_of(world.enroll("printer-3", secret)) == kSecretExpired.word());
  CHECK(world.certificates("printer-3").empty());
}

TEST_CASE("the name of a device with a vault can never be got by a token") {
  World world;
  world.set({.things = true});
  Attested attested(world);
  const auto ask = [&](std::string_view name) {
    return world.write([&](ports::Transaction& tx) -> Result<void> {
      TRY(make_secret(tx, world.deps(), kAcme, name, days(1), tests::kAda, world.now()));
      return {};
    });
  };
  CHECK(ask(attested.device.id()).error().reason == kThingNameTaken);
  CHECK(ask("hf-0000-0000-0000-0000").error().reason == kThingNameTaken);
  CHECK(ask("Printer").error().reason == kNameMalformed);
  // Nor by one whose row says it, however it came there.
  const std::string secret = world.secret_of("printer-3");
  auto row = *world.find<ports::ThingRow>(kAcme, "printer-3");
  row.thing = attested.device.id();
  world.insert(row);
  CHECK(reason_of(world.enroll(attested.device.id(), secret)) == kThingNameTaken.word());
}

TEST_CASE("a thing's certificate opens nothing here, and ends with the thing") {
  World world;
  world.set({.things = true});
  REQUIRE(world.enroll("printer-3", world.secret_of("printer-3")).status == 200);
  const auto row = world.certificates("printer-3").front();
  const auto state = [&] { return world.find<CertificateRow>(kAcme, row.serial)->state; };
  CHECK(state() == ports::CertificateState::Valid);
  REQUIRE(world.write(
      [&](ports::Transaction& tx) { return remove_thing(tx, kAcme, "printer-3", tests::kAda, world.now()); }));
  CHECK(state() == ports::CertificateState::Superseded);
  CHECK(world.find<ports::RevocationChangeRow>(kAcme, KeyPurpose::UnattestedCa).has_value());
}

TEST_CASE("a device has its own key certified again for no longer than its healthy appraisal has left") {
  World world;
  world.set({.reenroll = true});
  Attested attested(world);
  const WallTime appraised = world.now();
  world.pass(hours(10));
  const Response answer = world.reenroll(attested.result, attested.request);
  REQUIRE(answer.status == 200);
  const auto rows = world.certificates(attested.device.id());
  std::size_t clients = 0;
  for (const auto& row : rows) {
    if (row.kind != CertificateKind::Client) continue;
    ++clients;
    CHECK(row.not_after == appraised + hours(24));
    CHECK(row.appraisal == 1);
  }
  CHECK(clients == 2);
}

TEST_CASE("re-enrolment is refused for another key, another name, and by any certificate but a client's own") {
  World world;
  world.set({.reenroll = true, .things = true});
  Attested attested(world);
  CHECK(reason_of(world.reenroll(attested.result, World::request_for(world.key, attested.device.id()))) ==
        kRequestForAnother.word());
  CHECK(reason_of(world.reenroll(attested.result, attested.device.client_request("hf-0000-0000-0000-0000"))) ==
        kRequestForAnother.word());
  CHECK(reason_of(world.est("POST", "simplereenroll", to_base64(attested.request), {},
                            attested.result.update_certificate->certificate)) == kCallerNotAllowed.word());
  CHECK(world.est("POST", "simplereenroll", to_base64(attested.request)).status == 401);
  // Neither can a device with a vault take the way of things.
  CHECK(world.enroll(attested.device.id(), "secret").status == 401);
}

TEST_CASE("what ends a device's certificate ends its way through EST") {
  World world;
  world.set({.reenroll = true});
  SUBCASE("a hold") {
    Attested attested(world);
    attested.device.set_hold(true);
    CHECK(reason_of(world.reenroll(attested.result, attested.request)) == identity::kCertificateSuperseded.word());
  }
  SUBCASE("a worse verdict") {
    Attested attested(world);
    attested.device.boot(tests::kTamperedBoot);
    CHECK(attested.device.verdict() == "update-only");
    CHECK(reason_of(world.reenroll(attested.result, attested.request)) == identity::kCertificateSuperseded.word());
  }
  SUBCASE("a worse verdict between the answer and the store") {
    Attested attested(world);
    world.before_next_write([&] {
      attested.device.boot(tests::kTamperedBoot);
      CHECK(attested.device.verdict() == "update-only");
    });
    CHECK(world.reenroll(attested.result, attested.request).status == 403);
    for (const auto& row : world.certificates(attested.device.id())) {
      if (row.kind == CertificateKind::Client) CHECK(row.state == ports::CertificateState::Superseded);
    }
  }
  SUBCASE("time") {
    Attested attested(world);
    world.pass(hours(24) + seconds(1));
    CHECK(reason_of(world.reenroll(attested.result, attested.request)) == identity::kCertificateExpired.word());
  }
}

TEST_CASE("one appraisal is good for a handful of certificates, so that no device fills the store") {
  World world;
  world.set({.reenroll = true});
  Attested attested(world);
  int issued = 1;
  Response last;
  for (; issued < 20; ++issued) {
    last = world.reenroll(attested.result, attested.request);
    if (last.status != 200) break;
  }
  CHECK(issued == static_cast<int>(kCertificatesPerAppraisalMax));
  CHECK(last.status == 429);
}

TEST_CASE("base64 with any white space is taken, and nothing else is") {
  World world;
  world.set({.things = true});
  std::string text = to_base64(World::request_for(world.key, "printer-3"));
  for (std::size_t i = 7; i < text.size(); i += 11) text.insert(i, i % 2 == 0 ? " \r\n" : "\t");
  CHECK(decode_body(as_bytes(text)));
  CHECK_FALSE(decode_body(as_bytes("")));
  CHECK_FALSE(decode_body(as_bytes(" \n")));
  CHECK_FALSE(decode_body(as_bytes("AAA")));
  CHECK_FALSE(decode_body(as_bytes("-----BEGIN CERTIFICATE REQUEST-----")));
  CHECK_FALSE(decode_body(Blob(kEstBodyBytesMax + 1, 'A')));
  const std::string secret = world.secret_of("printer-3");
  CHECK(world.enroll("printer-3", secret, Blob{0x30, 0x00}).status == 400);
  CHECK(reason_of(world.enroll("printer-3", secret, World::request_for(world.key, "printer-4"))) ==
        kRequestForAnother.word());
  // Neither spent the secret.
  CHECK(world.enroll("printer-3", secret).status == 200);
}

TEST_CASE("the CA certificates are there for the label, and without one where EST is on in one catalog alone") {
  World world;
  world.set({.things = true});
  const Blob envelope = body_of(world.est("GET", "cacerts"));
  CHECK(holds(envelope, world.unattested_ca));
  CHECK(body_of(world.est("GET", "cacerts", {}, {}, {}, "")) == envelope);
  world.other_owner();
  REQUIRE(world.write([&](ports::Transaction& tx) {
    return set_settings(tx, tests::kOther, {.reenroll = true}, tests::kAda, world.now());
  }));
  CHECK(world.est("GET", "cacerts", {}, {}, {}, "").status == 404);
  CHECK_FALSE(holds(body_of(world.est("GET", "cacerts", {}, {}, {}, tests::kOther)), world.unattested_ca));
}

TEST_CASE(
    "turning EST on, or letting certificates live longer, loosens: it waits where the catalog asks for approval") {
  World world;
  const std::string ada = world.token("ada", Scope::Own);
  const std::string ben = world.token("ben", Scope::Own);
  REQUIRE(world.ask(ada, "PUT", "/v1/catalogs/acme/approval-rules", R"({"two_approvers": true})").status == 200);
  const auto put = [&](std::string_view body) { return world.ask(ada, "PUT", "/v1/catalogs/acme/est", body).status; };
  CHECK(put(R"({"things": true})") == 202);
  CHECK(world.enroll("printer-3", world.secret_of("printer-3")).status == 403);
  const auto approval = json::parse(world.ask(ben, "GET", "/v1/catalogs/acme/approvals/1").body);
  const std::string digest = *approval->find("content_sha256")->text();
  REQUIRE(
      world.ask(ben, "POST", "/v1/catalogs/acme/approvals/1/approve", cat(R"({"content_sha256": ")", digest, R"("})"))
          .status == 200);
  CHECK(world.enroll("printer-3", world.secret_of("printer-3")).status == 200);
  CHECK(put(R"({"thing_life": "6d"})") == 200);
  CHECK(put(R"({"thing_life": "8d"})") == 202);
  CHECK(put(R"({"reenroll": true})") == 202);
  CHECK(put(R"({"things": false})") == 200);
  CHECK(put(R"({"thing_life": "9m"})") == 400);
  CHECK(put(R"({"thing_life": "31d"})") == 400);
}

}  // namespace holdfast::service::est

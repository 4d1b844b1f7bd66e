// 5-security, line 8, from outside: what TLS lets in, and that a certificate is worth what the store says at each
// request.
#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "attack/stage.h"
#include "base/text.h"
#include "service/identity/certificates.h"
#include "tls/certificates.h"
#include "wire/check_in.h"

using namespace holdfast;
using namespace holdfast::tests;

namespace {

std::string check_in_body() {
  wire::CheckInRequest out;
  out.boot_count = 1;
  return to_text(out.encode());
}

Answer check_in(std::uint16_t port, const std::optional<linux::net::ClientKey>& identity) {
  return Caller(port).send("POST", "/v1/check-in", check_in_body(), identity);
}

linux::net::ClientKey key_of(const test::KeyedCertificate& from) {
  auto key = trust::crypto::PrivateKey::from_pkcs8(from.key.expose());
  REQUIRE(key);
  const auto shared = std::make_shared<trust::crypto::PrivateKey>(*std::move(key));
  return {from.certificate,
          [shared](Bytes digest) { return shared->sign_digest(trust::crypto::HashAlgorithm::Sha256, digest); }};
}

/// The version that a client of at most `newest` agrees on with the service; empty where they do not.
std::string agreed_version(std::uint16_t port, int newest) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> settings(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(settings.get(), 0);  // so that the old ones are really offered
  SSL_CTX_set_min_proto_version(settings.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(settings.get(), newest);
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(settings.get()), SSL_free);
  const int socket = test::connect_loopback(port);
  SSL_set_fd(tls.get(), socket);
  const std::string agreed = SSL_connect(tls.get()) == 1 ? SSL_get_version(tls.get()) : "";
  ERR_clear_error();
  ::close(socket);
  return agreed;
}

/// Both ports of the service.
std::vector<std::uint16_t> both_ports() {
  const ServiceProcess& service = Stage::shared().service();
  return {service.device_port(), service.management_port()};
}

}  // namespace

TEST_CASE("TLS 1.2 and older are refused on both ports") {
  for (const std::uint16_t port : both_ports()) {
    for (const int old : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION}) CHECK(agreed_version(port, old).empty());
    CHECK(agreed_version(port, TLS1_3_VERSION) == "TLSv1.3");
  }
  CHECK(Stage::shared().serves());
}

TEST_CASE("no certificate, one of a foreign CA, and one that is expired are no device's") {
  Stage& stage = Stage::shared();
  const std::uint16_t port = stage.service().device_port();
  const WallTime now = WallTime::from_seconds(::time(nullptr));
  const auto foreign = test::make_ca("acme client CA", now - hours(2), now + days(1));
  CHECK(check_in(port, {}).reason() == service::kCallerUnknown.word());
  const auto stranger = key_of(test::make_client(foreign, "hf-1", now - hours(1), now + hours(1)));
  CHECK(check_in(port, stranger).reason() == service::identity::kCertificateUnknown.word());
  const auto expired = key_of(test::make_client(foreign, "hf-1", now - hours(2), now - hours(1)));
  CHECK(check_in(port, expired).status == 0);
  const auto rsa = test::make_rsa_client(foreign, "hf-1", now - hours(1), now + hours(1));
  const auto connector = linux::tls::Connector::make(linux::tls::PeerUnverified{},
                                                     linux::tls::Identity{{rsa.certificate}, rsa.key.clone()});
  REQUIRE(connector);
  test::RawClient raw(**connector, port);
  raw.send(request("POST", "/v1/check-in", check_in_body()));
  CHECK(status_of(raw.receive()) == 401);  // a key of another kind is not even asked for
  CHECK(stage.serves());
}

TEST_CASE("a device's certificate without its key is refused by the handshake") {
  Stage& stage = Stage::shared();
  const auto device = stage.add_device(kAcme);
  const auto own = device->client_key();
  REQUIRE(check_in(stage.service().device_port(), own).status == 200);
  const WallTime now = WallTime::from_seconds(::time(nullptr));
  const auto thief = test::make_ca("thief", now - hours(1), now + hours(1));
  CHECK(check_in(stage.service().device_port(), linux::net::ClientKey{own->certificate, key_of(thief).sign}).status ==
        0);
}

TEST_CASE("no client certificate, whichever, opens the management port") {
  Stage& stage = Stage::shared();
  const auto device = stage.add_device(kAcme);
  for (const auto& identity : {device->client_key(), device->update_key()}) {
    REQUIRE(identity);
    CHECK(check_in(stage.service().device_port(), identity).status == 200);
    Caller caller(stage.service().management_port());
    CHECK(caller.send("GET", "/v1/catalogs", "", identity).status == 401);
    CHECK(caller.send("GET", path_in(kAcme, "/devices"), "", identity).status == 401);
  }
}

TEST_CASE("a certificate of another catalog speaks for its own device alone") {
  Stage& stage = Stage::shared();
  const auto ours = stage.add_device(kAcme);
  const auto theirs = stage.add_device(kRival);
  const auto seen = [&] { return stage.owner().get(path_in(kAcme, cat("/devices/", ours->id()))).text("seen_at"); };
  const std::string before = seen();
  ::usleep(1'100'000);  // times are told to the second
  CHECK(check_in(stage.service().device_port(), theirs->client_key()).status == 200);
  CHECK(seen() == before);
  CHECK(stage.owner().get(path_in(kAcme, cat("/devices/", theirs->id()))).status == 404);
  CHECK(check_in(stage.service().device_port(), ours->client_key()).status == 200);
  CHECK(seen() != before);
}

TEST_CASE("a revoked certificate is refused at the next request of an open connection") {
  Stage& stage = Stage::shared();
  const auto device = stage.add_device(kAcme);
  Caller open(stage.service().device_port());
  const auto identity = device->client_key();
  REQUIRE(open.send("POST", "/v1/check-in", check_in_body(), identity).status == 200);
  Caller ada = stage.owner();
  const std::string certificates = path_in(kAcme, cat("/devices/", device->id(), "/certificates"));
  for (const json::Value& one : ada.get(certificates).items()) {
    const std::string path = cat("/certificates/", *one.find("serial")->text(), "/revoke");
    REQUIRE(ada.post(path_in(kAcme, path), json::Object{{"reason", "stolen"}}).status == 200);
  }
  CHECK(open.send("POST", "/v1/check-in", check_in_body(), identity).reason() ==
        service::identity::kCertificateRevoked.word());
  CHECK(check_in(stage.service().device_port(), device->update_key()).reason() ==
        service::identity::kCertificateRevoked.word());
}

TEST_CASE("a session that is resumed after its certificate was superseded gives no rights") {
  Stage& stage = Stage::shared();
  const auto device = stage.add_device(kAcme);
  const auto identity = device->client_key();
  const auto connector = linux::tls::Connector::make(linux::tls::PeerUnverified{},
                                                     linux::tls::Identity{{identity->certificate}, identity->sign});
  REQUIRE(connector);
  const std::string asked = request("POST", "/v1/check-in", check_in_body());
  const auto answer = [&](bool is_resumed) {
    test::RawClient raw(**connector, stage.service().device_port());
    REQUIRE(raw.is_open());
    raw.send(asked);
    std::string out = raw.receive();
    CHECK(raw.resumed() == is_resumed);
    return out;
  };
  CHECK(status_of(answer(false)) == 200);
  CHECK(status_of(answer(true)) == 200);
  const std::string hold = path_in(kAcme, cat("/devices/", device->id(), "/hold"));
  REQUIRE(stage.owner().send("POST", hold, "").status == 200);
  const std::string refused = answer(true);
  CHECK(status_of(refused) == 403);
  CHECK(refused.find(service::identity::kCertificateSuperseded.word()) != std::string::npos);
}

TEST_CASE("a worse verdict ends the client certificate, and quarantine ends check-ins too") {
  Stage& stage = Stage::shared();
  const auto device = stage.add_device(kAcme);
  const auto before = device->client_key();
  device->boot({{0, "firmware 1.0"}, {4, "boot image 1.0"}, {11, "linux 6.1 with a guest"}});
  REQUIRE(device->attest());
  CHECK(!device->client_key());
  CHECK(check_in(stage.service().device_port(), before).reason() == service::identity::kCertificateSuperseded.word());
  CHECK(check_in(stage.service().device_port(), device->update_key()).status == 200);

  REQUIRE(stage.owner().send("POST", path_in(kAcme, cat("/devices/", device->id(), "/hold")), "").status == 200);
  device->boot();
  REQUIRE(device->attest());
  REQUIRE(device->update_key());
  CHECK(check_in(stage.service().device_port(), device->update_key()).reason() == service::kCallerNotAllowed.word());
}

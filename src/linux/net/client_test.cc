#include "linux/net/client.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "linux/net/vault_net.h"
#include "linux/system/clock.h"
#include "tls/answering_server.h"
#include "tls/certificates.h"
#include "tls/raw_client.h"
#include "tls/set_clock.h"
#include "trust/crypto/hash.h"
#include "trust/crypto/key.h"

namespace holdfast::linux::net {
namespace {

using trust::crypto::HashAlgorithm;
using trust::crypto::PrivateKey;

/// A vault with one key, which it counts the uses of.
class OneKeyVault final : public ports::Vault {
 public:
  explicit OneKeyVault(const Secret& pkcs8) : key_(*PrivateKey::from_pkcs8(pkcs8.expose())) {}
  Result<ports::EndorsementKey> endorsement_key() override { return away(); }
  Result<ports::VaultKey> create_key(ports::KeyUse) override { return away(); }
  Result<Secret> activate_credential(const ports::VaultKey&, Bytes, Bytes) override { return away(); }
  Result<ports::QuotedPcrs> quote(const ports::VaultKey&, const Digest256&) override { return away(); }
  Result<ports::Attestation> certify(const ports::VaultKey&, const ports::VaultKey&, const Digest256&) override {
    return away();
  }
  Result<Blob> sign(const ports::VaultKey&, Bytes digest) override {
    if (is_away) return away();
    ++signatures;
    return key_.sign_digest(HashAlgorithm::Sha256, digest);
  }

  int signatures = 0;
  bool is_away = false;

 private:
  static std::unexpected<Error> away() { return fail(Next::Retry, ports::kVaultUnavailable, "the vault is away"); }
  PrivateKey key_;
};

struct World {
  WallTime real_now = WallTime::from_seconds(::time(nullptr));
  test::SetClock clock{real_now};
  WallTime not_before = real_now - hours(1);
  test::KeyedCertificate ca = test::make_ca("service CA", not_before, real_now + days(400));
  test::KeyedCertificate server_certificate = test::make_server(ca, not_before, real_now + days(30));
  test::KeyedCertificate client_ca = test::make_ca("client CA", not_before, real_now + days(400));
  test::KeyedCertificate device = test::make_client(client_ca, "hf-1", not_before, real_now + hours(2));
  OneKeyVault vault{device.key};
  test::AnsweringServer server;

  World() { start(); }
  void start() { server.start(clock, server_certificate); }
  std::string service(const std::string& host = "localhost") const {
    return "https://" + host + ":" + std::to_string(server->port());
  }
  Call call(const std::string& path = "/") const {
    return {.service = service(), .peer = tls::PeerUnder{ca.certificate}, .path = path};
  }
  ports::NetRequest net_request(const std::string& method = "GET") const {
    return {service(), ports::PeerUnder{ca.certificate}, ports::ClientIdentity{{}, device.certificate}, method, "/",
            {}};
  }
};

TEST_CASE("an exchange carries method, path, headers and body there, and status, headers and body back") {
  World world;
  Client client(world.clock, {});
  world.server.next.status = 202;
  world.server.next.headers = {{"ETag", "\"7\""}};
  for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    CAPTURE(method);
    Call call = world.call("/v1/devices?limit=5");
    call.method = method;
    call.headers = {{"Authorization", "Bearer t"}};
    const Blob body = to_blob(as_bytes("{\"a\":1}"));
    if (method != "GET") call.body = body;
    const auto answer = client.exchange(call);
    REQUIRE(answer);
    CHECK(answer->status == 202);
    CHECK(*answer->header("etag") == "\"7\"");
    CHECK(as_text(answer->body) == "{}");
    const http::Request& request = world.server.requests.back();
    CHECK(request.method == method);
    CHECK(request.path == "/v1/devices");
    CHECK(request.query == "limit=5");
    CHECK(*request.header("authorization") == "Bearer t");
    CHECK(request.body == (method == "GET" ? Blob{} : body));
    CHECK(!request.client_certificate);
  }
  CHECK(world.server->connections() == 1);
}

TEST_CASE("large bodies and answers pass, above the bound they do not") {
  World world;
  Client client(world.clock, {});
  Call call = world.call();
  call.method = "POST";
  const Blob body(1024 * 1024, 'b');
  call.body = body;
  world.server.next.body = Blob(ports::kNetAnswerBytesMax, 'a');
  REQUIRE(client.exchange(call));
  CHECK(world.server.requests.back().body == body);
  world.server.next.body.push_back('a');
  const auto refused = client.exchange(call);
  REQUIRE(!refused);
  CHECK(refused.error().reason == ports::kNetAnswerMalformed);
  CHECK(refused.error().next == Next::Exhausted);
  const Blob larger(1024 * 1024 + 1, 'b');
  call.body = larger;
  world.server.next.body.clear();
  CHECK(client.exchange(call)->status == 413);
}

TEST_CASE("the vault signs once for many connections, because sessions are resumed") {
  World world;
  VaultNet net(world.vault, world.clock);
  for (int i = 0; i < 3; ++i) {
    const auto answer = net.exchange(world.net_request());
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(world.server.requests.back().client_certificate == world.device.certificate);
    world.clock.advance(seconds(61));  // the connection is idle for too long
  }
  CHECK(world.vault.signatures == 1);
}

TEST_CASE("a caller who goes to sleep closes its connections and resumes without the vault") {
  World world;
  VaultNet net(world.vault, world.clock);
  REQUIRE(net.exchange(world.net_request()));
  net.close_connections();
  for (int i = 0; i < 500 && world.server->connections() > 0; ++i) ::usleep(10'000);
  CHECK(world.server->connections() == 0);
  CHECK(net.exchange(world.net_request()));
  CHECK(world.vault.signatures == 1);
}

TEST_CASE("an answer says whether its connection was open before") {
  World world;
  Client client(world.clock, {});
  const auto first = client.exchange(world.call());
  const auto second = client.exchange(world.call());
  REQUIRE(first);
  REQUIRE(second);
  CHECK_FALSE(first->on_kept_connection);
  CHECK(second->on_kept_connection);
}

TEST_CASE("why the vault did not sign is what the agent hears") {
  World world;
  world.vault.is_away = true;
  VaultNet net(world.vault, world.clock);
  const auto answer = net.exchange(world.net_request());
  REQUIRE(!answer);
  CHECK(answer.error().reason == ports::kVaultUnavailable);
}

TEST_CASE("a connection and a session of one identity are not used for another, nor for none") {
  World world;
  VaultNet net(world.vault, world.clock);
  REQUIRE(net.exchange(world.net_request()));
  ports::NetRequest anonymous = world.net_request();
  anonymous.identity.reset();
  REQUIRE(net.exchange(anonymous));
  CHECK(!world.server.requests.back().client_certificate);
  CHECK(world.server->connections() == 2);
}

TEST_CASE("a connection is closed at the end of the client certificate, which is not used after it") {
  World world;
  VaultNet net(world.vault, world.clock, {.idle = hours(24)});
  REQUIRE(net.exchange(world.net_request()));
  world.clock.advance(hours(2) + seconds(1000));
  net.close_ended();
  for (int i = 0; i < 500 && world.server->connections() > 0; ++i) ::usleep(10'000);
  CHECK(world.server->connections() == 0);
  const auto answer = net.exchange(world.net_request());
  REQUIRE(!answer);
  CHECK(answer.error().reason == ports::kNetCertificateEnded);
  CHECK(world.vault.signatures == 1);
}

TEST_CASE(
    "a device whose clock is at 1970, or far ahead, speaks TLS at the time that its floor says, and at no other") {
  for (const WallTime wrong : {WallTime{0}, WallTime::from_seconds(4'102'444'800)}) {
    World world;
    test::SetClock lost{wrong};
    VaultNet net(world.vault, lost);
    ports::NetRequest request = world.net_request();
    CHECK_FALSE(net.exchange(request));
    request.judged_at = world.real_now;
    REQUIRE(net.exchange(request));
    lost.advance(seconds(61));
    CHECK(net.exchange(request));
    CHECK(world.vault.signatures == 1);  // neither session nor certificate was taken for ended
    request.judged_at = world.real_now + days(31);
    CHECK_FALSE(net.exchange(request));
  }
}

TEST_CASE("a service under another CA, of another name, or with another pin is not spoken to") {
  World world;
  Client client(world.clock, {});
  const auto refused = [&](const Call& call) {
    const auto answer = client.exchange(call);
    REQUIRE(!answer);
    CHECK(answer.error().reason == ports::kNetPeerUnverified);
    CHECK(answer.error().next == Next::Denied);
    CHECK(world.server.requests.empty());
  };
  Call foreign = world.call();
  foreign.peer = tls::PeerUnder{world.client_ca.certificate};
  refused(foreign);
  Call pinned = world.call();
  pinned.peer = tls::PeerPinned{trust::crypto::sha256(world.ca.certificate)};
  refused(pinned);
  pinned.peer = tls::PeerPinned{trust::crypto::sha256(world.server_certificate.certificate)};
  CHECK(client.exchange(pinned));
}

TEST_CASE("content that is pinned is fetched from whoever answers") {
  World world;
  world.server_certificate = test::make_server(world.client_ca, world.not_before, world.real_now + days(30));
  world.start();
  VaultNet net(world.vault, world.clock);
  ports::NetRequest request = world.net_request();
  request.identity.reset();
  CHECK(!net.exchange(request));
  request.peer = ports::ContentPinned{};
  CHECK(net.exchange(request));
}

TEST_CASE("Retry-After in seconds is handed on, within reason") {
  World world;
  VaultNet net(world.vault, world.clock);
  const auto told = [&](const std::string& value) {
    world.server.next.headers = {{"Retry-After", value}};
    return net.exchange(world.net_request())->retry_after;
  };
  CHECK(told("7") == seconds(7));
  CHECK(told("99999999") == hours(24));
  CHECK(told("-1") == std::nullopt);
  CHECK(told("soon") == std::nullopt);
}

TEST_CASE("a service that has restarted is reached again") {
  World world;
  Client client(world.clock, {});
  REQUIRE(client.exchange(world.call()));
  world.start();
  CHECK(client.exchange(world.call()));
}

TEST_CASE("a kept connection that the service has closed is not used") {
  World world;
  Client client(world.clock, {});
  world.server.next.close = true;
  REQUIRE(client.exchange(world.call()));
  REQUIRE(client.exchange(world.call()));
  world.server.next.close = false;
  REQUIRE(client.exchange(world.call()));
  world.clock.advance(seconds(59));
  REQUIRE(client.exchange(world.call()));
}

TEST_CASE("nobody listening is unreachable; a service that says nothing is a timeout") {
  World world;
  system::SystemClock clock;
  Client client(clock, {.connect = Duration(200), .handshake = Duration(200), .answer = Duration(200)});
  Call call = world.call();
  world.server->stop();
  const auto nobody = client.exchange(call);
  REQUIRE(!nobody);
  CHECK(nobody.error().reason == ports::kNetUnreachable);
  CHECK(nobody.error().next == Next::Retry);

  const int silent = ::socket(AF_INET, SOCK_STREAM, 0);
  CHECK_INVARIANT(silent >= 0);
  REQUIRE(::listen(silent, 1) == 0);  // binds to any address and port
  call.service = "https://127.0.0.1:" + std::to_string(test::port_of(silent));
  const auto mute = client.exchange(call);
  REQUIRE(!mute);
  CHECK(mute.error().reason == ports::kNetTimeout);
  ::close(silent);
}

TEST_CASE("an answer that takes too long is a timeout") {
  World world;
  system::SystemClock clock;
  Client client(clock, {.answer = Duration(150)});
  const std::lock_guard hold(world.server.lock);  // the handler waits for it
  const auto late = client.exchange(world.call());
  REQUIRE(!late);
  CHECK(late.error().reason == ports::kNetTimeout);
}

TEST_CASE("a request that would be two is refused before anything is sent") {
  World world;
  Client client(world.clock, {});
  const auto refused = [&](const Call& call) {
    const auto answer = client.exchange(call);
    REQUIRE(!answer);
    CHECK(answer.error().reason == kNetRequestMalformed);
    CHECK(world.server.requests.empty());
  };
  Call call = world.call("/a b");
  refused(call);
  call = world.call("/a\r\nX: y");
  refused(call);
  call = world.call("a");
  refused(call);
  call = world.call();
  call.method = "GET / HTTP/1.1\r\n";
  refused(call);
  call = world.call();
  call.headers = {{"X", "a\r\nY: b"}};
  refused(call);
  call = world.call();
  call.headers = {{"X: a\r\nY", "b"}};
  refused(call);
  call = world.call();
  call.service = "http://localhost";
  refused(call);
}

}  // namespace
}  // namespace holdfast::linux::net

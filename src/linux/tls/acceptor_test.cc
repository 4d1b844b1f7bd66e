#include "linux/tls/acceptor.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "linux/tls/connector.h"
#include "linux/tls/openssl_held.h"
#include "tls/certificates.h"
#include "tls/set_clock.h"
#include "trust/crypto/key.h"

namespace holdfast::linux::tls {
namespace {

using trust::crypto::PrivateKey;

/// An acceptor that is shown one certificate after another, and a client that remembers its session.
struct Shop {
  const WallTime now = WallTime::from_seconds(::time(nullptr));
  test::SetClock clock{now};
  test::KeyedCertificate ca = test::make_ca("service CA", now - hours(1), now + days(30));
  test::KeyedCertificate first = test::make_server(ca, now - hours(1), now + days(1));
  test::KeyedCertificate second = test::make_server(ca, now - hours(1), now + days(20));
  std::unique_ptr<Acceptor> acceptor = *Acceptor::make(hooked(first), {}, clock);
  std::unique_ptr<Connector> connector = *Connector::make(PeerUnder{ca.certificate}, {});

  /// Its key behind a hook, which is gone once nobody refers to it.
  static Identity hooked(const test::KeyedCertificate& from) {
    const auto key = std::make_shared<PrivateKey>(*PrivateKey::from_pkcs8(from.key.expose()));
    return {{from.certificate},
            [key](Bytes digest) { return key->sign_digest(trust::crypto::HashAlgorithm::Sha256, digest); }};
  }
};

/// Both ends of one connection.
struct Ends {
  explicit Ends(Shop& shop) : at(shop) {
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets) == 0);
    server.emplace(*at.acceptor->accept(sockets[0]));
    client.emplace(*at.connector->connect(sockets[1], "localhost", {at.now}));
  }
  ~Ends() {
    client.reset();
    server.reset();
    for (const int socket : sockets) ::close(socket);
  }
  /// The certificate that the client was shown, once both are through.
  std::optional<Blob> shake_hands() {
    bool client_done = false;
    bool server_done = false;
    for (int turn = 0; turn < 20 && !(client_done && server_done); ++turn) {
      client_done = client_done || (client->handshake() == Progress::Done && waits_to_read());
      server_done = server_done || server->handshake() == Progress::Done;
    }
    return client_done && server_done ? client->peer_certificate() : std::nullopt;
  }
  /// The client has nothing to say, so that the last of its handshake goes alone.
  bool waits_to_read() {
    Blob nothing(1);
    const auto got = client->read(nothing);
    return got && got->progress == Progress::WantsRead;
  }
  /// A byte from the server to the client, which so takes its ticket too.
  bool talk() {
    const std::uint8_t byte = 'x';
    Blob got(1);
    return server->write(Bytes(&byte, 1)) && client->read(got) && got[0] == byte;
  }

  Shop& at;
  int sockets[2] = {-1, -1};
  std::optional<Stream> server;
  std::optional<Stream> client;
};

TEST_CASE("another identity is shown from the next connection on, and what was under way goes on") {
  Shop shop;
  Ends open(shop);
  CHECK(open.shake_hands() == shop.first.certificate);
  Ends under_way(shop);
  REQUIRE(shop.acceptor->present(Shop::hooked(shop.second)));
  CHECK(open.talk());
  CHECK(under_way.shake_hands() == shop.first.certificate);
  CHECK(under_way.talk());
  shop.connector = *Connector::make(PeerUnder{shop.ca.certificate}, {});
  CHECK(Ends(shop).shake_hands() == shop.second.certificate);
}

TEST_CASE("a session of before is resumed under another identity") {
  Shop shop;
  {
    Ends before(shop);
    REQUIRE(before.shake_hands());
    REQUIRE(before.talk());
  }
  REQUIRE(shop.acceptor->present(Shop::hooked(shop.second)));
  Ends after(shop);
  REQUIRE(after.shake_hands());
  CHECK(after.client->resumed());
  CHECK(after.talk());
}

TEST_CASE("an identity whose key is not its certificate's is refused, and the one before stays") {
  Shop shop;
  const Identity wrong{{shop.second.certificate}, shop.first.key.clone()};
  CHECK(!shop.acceptor->present(wrong));
  CHECK(Ends(shop).shake_hands() == shop.first.certificate);
}

/// What a client of another maker agrees on with an acceptor that lets TLS 1.2 in; empty: nothing.
std::string agreed_with(Shop& shop, int version, const char* ciphers) {
  const TlsSettings settings(SSL_CTX_new(TLS_client_method()));
  REQUIRE(SSL_CTX_set_max_proto_version(settings.get(), version) == 1);
  REQUIRE(SSL_CTX_set_cipher_list(settings.get(), ciphers) == 1);
  SSL_CTX_set_security_level(settings.get(), 0);
  int sockets[2] = {-1, -1};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets) == 0);
  std::string out;
  {
    const auto acceptor =
        *Acceptor::make(Shop::hooked(shop.first), {.versions = Versions::Tls12AndTls13, .sessions_max = 0}, shop.clock);
    Stream server = *acceptor->accept(sockets[0]);
    const Tls client(SSL_new(settings.get()));
    REQUIRE(SSL_set_fd(client.get(), sockets[1]) == 1);
    SSL_set_connect_state(client.get());
    for (int turn = 0; turn < 20 && out.empty(); ++turn) {
      const bool client_done = SSL_do_handshake(client.get()) == 1;
      const auto server_done = server.handshake();
      if (!server_done) break;
      const bool is_through = client_done && *server_done == Progress::Done;
      if (is_through) out = std::string(SSL_get_version(client.get())) + " " + SSL_get_cipher_name(client.get());
    }
  }
  for (const int socket : sockets) ::close(socket);
  ERR_clear_error();
  return out;
}

TEST_CASE("TLS 1.2 is spoken only where it is let in, and there with ECDHE and an AEAD alone") {
  Shop shop;
  CHECK(agreed_with(shop, TLS1_2_VERSION, "ALL") == "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256");
  CHECK(agreed_with(shop, TLS1_3_VERSION, "ALL") == "TLSv1.3 TLS_AES_128_GCM_SHA256");
  CHECK(
      agreed_with(shop, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA:AES128-GCM-SHA256").empty());
  CHECK(agreed_with(shop, TLS1_1_VERSION, "ALL").empty());
}

}  // namespace
}  // namespace holdfast::linux::tls

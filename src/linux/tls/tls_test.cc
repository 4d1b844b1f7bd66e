#include <doctest/doctest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls/talk.h"
#include "trust/crypto/hash.h"

namespace holdfast::linux::tls {
namespace {

using test::talk;
using test::Talk;
using World = test::TlsWorld;

TEST_CASE("a client without a certificate is served, and has none") {
  World world;
  auto acceptor = world.acceptor();
  auto connector = world.connector(world.under_ca());
  const Talk said = talk(*acceptor, *connector, world.real_now);
  CHECK(said.answer == "pong");
  CHECK(!said.client_certificate);
  CHECK(!said.resumed);
}

TEST_CASE("a client's leaf is shown to the server, byte for byte, with its end") {
  World world;
  auto acceptor = world.acceptor();
  auto connector = world.connector(world.under_ca(), &world.client);
  const Talk said = talk(*acceptor, *connector, world.real_now);
  CHECK(said.answer == "pong");
  CHECK(said.client_certificate == world.client.certificate);
  CHECK(said.client_not_after == world.not_after);
  CHECK(connector->own_not_after() == world.not_after);
}

TEST_CASE("a resumed session still shows the client's certificate, again and again") {
  World world;
  auto acceptor = world.acceptor();
  auto connector = world.connector(world.under_ca(), &world.client);
  CHECK(!talk(*acceptor, *connector, world.real_now).resumed);
  for (int i = 0; i < 3; ++i) {
    const Talk said = talk(*acceptor, *connector, world.real_now);
    CHECK(said.resumed);
    CHECK(said.client_certificate == world.client.certificate);
    CHECK(acceptor->sessions() == 1);
  }
}

TEST_CASE("a session is not resumed once its certificate has ended, and the certificate is refused") {
  World world;
  world.client = test::make_client(world.client_ca, "hf-1", world.not_before, world.real_now + hours(2));
  auto acceptor = world.acceptor();
  auto connector = world.connector(world.under_ca(), &world.client);
  talk(*acceptor, *connector, world.real_now);
  world.clock.advance(hours(2) - seconds(1000));
  CHECK(talk(*acceptor, *connector, world.real_now).resumed);
  world.clock.advance(seconds(1000) + seconds(1));
  const Talk said = talk(*acceptor, *connector, world.real_now);
  CHECK(!said.resumed);
  REQUIRE(said.server_error);
  CHECK(said.server_error->reason == kTlsCertificateExpired);
  REQUIRE(said.client_error);
  CHECK(said.client_error->reason == kTlsRefusedByPeer);
}

TEST_CASE("resuming prolongs nothing: a session ends with its life since the full handshake") {
  World world;
  world.options.session_life = minutes(30);
  auto acceptor = world.acceptor();
  auto connector = world.connector(world.under_ca());
  talk(*acceptor, *connector, world.real_now);
  world.clock.advance(minutes(20));
  CHECK(talk(*acceptor, *connector, world.real_now).resumed);
  world.clock.advance(minutes(20));
  CHECK(!talk(*acceptor, *connector, world.real_now).resumed);
}

TEST_CASE("resumption can be switched off") {
  World world;
  world.options.sessions_max = 0;
  auto acceptor = world.acceptor();
  auto connector = world.connector(world.under_ca(), &world.client);
  CHECK(talk(*acceptor, *connector, world.real_now).answer == "pong");
  CHECK(!talk(*acceptor, *connector, world.real_now).resumed);
  CHECK(acceptor->sessions() == 0);
}

TEST_CASE("the session cache is bounded; the oldest session goes first") {
  World world;
  world.options.sessions_max = 2;
  auto acceptor = world.acceptor();
  auto first = world.connector(world.under_ca());
  talk(*acceptor, *first, world.real_now);
  for (int i = 0; i < 2; ++i) talk(*acceptor, *world.connector(world.under_ca()), world.real_now);
  CHECK(acceptor->sessions() == 2);
  CHECK(!talk(*acceptor, *first, world.real_now).resumed);
}

TEST_CASE("a session of one acceptor is worth nothing to another") {
  World world;
  auto one = world.acceptor();
  auto other = world.acceptor();
  auto connector = world.connector(world.under_ca(), &world.client);
  talk(*one, *connector, world.real_now);
  const Talk said = talk(*other, *connector, world.real_now);
  CHECK(!said.resumed);
  CHECK(said.answer == "pong");
}

TEST_CASE("a server under a foreign CA, of another name, or out of its dates is refused") {
  World world;
  auto acceptor = world.acceptor();
  const auto refused = [&](const Talk& said) {
    REQUIRE(said.client_error);
    CHECK(said.client_error->reason == kTlsPeerUnverified);
    CHECK(said.answer.empty());
  };
  refused(talk(*acceptor, *world.connector(PeerUnder{world.client_ca.certificate}), world.real_now));
  refused(talk(*acceptor, *world.connector(world.under_ca()), world.real_now, "elsewhere.example"));
  refused(talk(*acceptor, *world.connector(world.under_ca()), world.real_now, "127.0.0.2"));
  refused(talk(*acceptor, *world.connector(world.under_ca()), world.real_now + days(60)));
  refused(talk(*acceptor, *world.connector(world.under_ca()), world.real_now - days(60)));
  CHECK(talk(*acceptor, *world.connector(world.under_ca()), world.real_now, "127.0.0.1").answer == "pong");
}

TEST_CASE("a client certificate does not pass for a server's") {
  World world;
  world.server = test::make_client(world.ca, "localhost", world.not_before, world.not_after);
  auto acceptor = world.acceptor();
  const Talk said = talk(*acceptor, *world.connector(world.under_ca()), world.real_now);
  REQUIRE(said.client_error);
  CHECK(said.client_error->reason == kTlsPeerUnverified);
}

TEST_CASE("a pinned certificate is accepted, whatever its dates and names; another is refused") {
  World world;
  auto acceptor = world.acceptor();
  const Peer right = PeerPinned{trust::crypto::sha256(world.server.certificate)};
  CHECK(talk(*acceptor, *world.connector(right), world.real_now + days(60), "elsewhere.example").answer == "pong");
  const Peer wrong = PeerPinned{trust::crypto::sha256(world.client.certificate)};
  const Talk said = talk(*acceptor, *world.connector(wrong), world.real_now);
  REQUIRE(said.client_error);
  CHECK(said.client_error->reason == kTlsPeerUnverified);
}

TEST_CASE("a service known by its CA's digest must send that CA, be under it, and be named and in force") {
  World world;
  const Peer peer = PeerUnderDigest{trust::crypto::sha256(world.ca.certificate)};
  const auto talk_to = [&](std::vector<Blob> chain, const std::string& host, Duration later) {
    auto acceptor = Acceptor::make({std::move(chain), world.server.key.clone()}, world.options, world.clock);
    REQUIRE(acceptor);
    return talk(**acceptor, *world.connector(peer), world.real_now + later, host);
  };
  const std::vector<Blob> whole = {world.server.certificate, world.ca.certificate};
  CHECK(talk_to(whole, "localhost", seconds(0)).answer == "pong");
  const auto refused = [](const Talk& said) {
    REQUIRE(said.client_error);
    CHECK(said.client_error->reason == kTlsPeerUnverified);
    CHECK(said.answer.empty());
  };
  refused(talk_to({world.server.certificate}, "localhost", seconds(0)));
  refused(talk_to({world.server.certificate, world.client_ca.certificate}, "localhost", seconds(0)));
  refused(talk_to(whole, "other", seconds(0)));
  refused(talk_to(whole, "localhost", days(60)));
}

TEST_CASE("a server under a foreign CA that sends the pinned CA beside it is refused") {
  World world;
  const test::KeyedCertificate foreign = test::make_ca("service CA", world.not_before, world.not_after + days(400));
  const test::KeyedCertificate server = test::make_server(foreign, world.not_before, world.not_after);
  auto acceptor = Acceptor::make({{server.certificate, foreign.certificate, world.ca.certificate}, server.key.clone()},
                                 world.options, world.clock);
  REQUIRE(acceptor);
  const Peer peer = PeerUnderDigest{trust::crypto::sha256(world.ca.certificate)};
  const Talk said = talk(**acceptor, *world.connector(peer), world.real_now);
  REQUIRE(said.client_error);
  CHECK(said.client_error->reason == kTlsPeerUnverified);
}

TEST_CASE("an unverified peer is accepted only when that is said") {
  World world;
  auto acceptor = world.acceptor();
  CHECK(talk(*acceptor, *world.connector(PeerUnverified{}), world.real_now, "elsewhere.example").answer == "pong");
}

TEST_CASE("bytes that are no TLS end the stream with an error") {
  World world;
  auto acceptor = world.acceptor();
  const test::Sockets sockets;
  auto stream = acceptor->accept(sockets.ends[0]);
  REQUIRE(stream);
  const std::string_view plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  REQUIRE(send(sockets.ends[1], plain.data(), plain.size(), 0) > 0);
  CHECK(stream->handshake().error().reason == kTlsHandshakeFailed);
}

TEST_CASE("a client that speaks TLS 1.2 at most is refused") {
  World world;
  auto acceptor = world.acceptor();
  const test::Sockets sockets;
  auto server = acceptor->accept(sockets.ends[0]);
  REQUIRE(server);
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> settings(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_max_proto_version(settings.get(), TLS1_2_VERSION);
  const std::unique_ptr<SSL, decltype(&SSL_free)> old(SSL_new(settings.get()), SSL_free);
  SSL_set_fd(old.get(), sockets.ends[1]);
  CHECK(SSL_connect(old.get()) != 1);
  const auto progress = server->handshake();
  REQUIRE(!progress);
  CHECK(progress.error().reason == kTlsHandshakeFailed);
  CHECK(SSL_connect(old.get()) != 1);
}

TEST_CASE("writing to a peer that has gone is an error and not a signal") {
  World world;
  auto acceptor = world.acceptor();
  auto connector = world.connector(world.under_ca());
  auto sockets = std::make_unique<test::Sockets>();
  auto client = connector->connect(sockets->ends[1], "localhost", {world.real_now});
  REQUIRE(client);
  ::shutdown(sockets->ends[0], SHUT_RDWR);
  CHECK(!client->handshake());
}

}  // namespace
}  // namespace holdfast::linux::tls

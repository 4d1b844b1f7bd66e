#include <doctest/doctest.h>
#include <sys/socket.h>

#include "linux/http/server.h"
#include "tls/http_world.h"

namespace holdfast::linux::http {
namespace {

using test::RawClient;

TEST_CASE("slow headers end in 408") {
  World world;
  world.start();
  RawClient client(*world.plain, world.port());
  REQUIRE(client.send("GET / HTTP/1.1\r\nHost"));
  world.pass(seconds(11));
  CHECK(is_status(client.receive(), 408));
  CHECK(client.is_closed_by_peer());
  CHECK(world.refusals.saw(kHttpTimeout));
}

TEST_CASE("headers that trickle in are slow headers") {
  World world;
  world.start();
  RawClient client(*world.plain, world.port());
  for (int i = 0; i < 6; ++i) {
    client.send(i == 0 ? "GET / HTTP/1.1\r\nHost: a\r\n" : "X: y\r\n");
    world.pass(seconds(2));
  }
  CHECK(is_status(client.receive(), 408));
}

TEST_CASE("a slow body ends in 408") {
  World world;
  world.start();
  RawClient client(*world.plain, world.port());
  REQUIRE(client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc"));
  world.pass(seconds(31));
  CHECK(is_status(client.receive(), 408));
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("a handshake that does not go on is ended") {
  World world;
  world.start();
  const int socket = test::connect_loopback(world.port());
  while (world.server->connections() == 0) ::usleep(1000);
  world.pass(seconds(11));
  char byte = 0;
  CHECK(::recv(socket, &byte, 1, 0) == 0);
  ::close(socket);
  CHECK(world.refusals.saw(kHttpTimeout));
}

TEST_CASE("an idle connection is closed after its time, and not before") {
  World world;
  world.start();
  RawClient client(*world.plain, world.port());
  CHECK(is_status(client.get("/a"), 200));
  world.pass(seconds(74));
  ::usleep(150'000);
  CHECK(is_status(client.get("/a"), 200));
  world.pass(seconds(76));
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("an oversize head is refused with 431, an oversize body with 413 before it is sent") {
  World world;
  world.start();
  RawClient head(*world.plain, world.port());
  head.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(17'000, 'a') + "\r\n\r\n");
  CHECK(is_status(head.receive(), 431));
  RawClient declared(*world.plain, world.port());
  REQUIRE(declared.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n"));
  CHECK(is_status(declared.receive(), 413));
  CHECK(declared.is_closed_by_peer());
}

TEST_CASE("the refusal of a body reaches a client that sends it without listening") {
  World world;
  world.start();
  RawClient client(*world.plain, world.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n" + std::string(2'000'000, 'x'));
  CHECK(is_status(client.receive(), 413));
}

TEST_CASE("malformed requests are refused and end the connection") {
  World world;
  world.start();
  for (const std::string_view text :
       {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01garbage\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    RawClient client(*world.plain, world.port());
    REQUIRE(client.send(text));
    const std::string answer = client.receive();
    CHECK((is_status(answer, 400) || is_status(answer, 505)));
    CHECK(client.is_closed_by_peer());
  }
  CHECK(world.refusals.saw(kHttpMalformed));
}

TEST_CASE("plain HTTP and garbage in the place of TLS are refused") {
  World world;
  world.start();
  for (const std::string_view text :
       {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}) {
    const int socket = test::connect_loopback(world.port());
    REQUIRE(::send(socket, text.data(), text.size(), MSG_NOSIGNAL) > 0);
    std::string got;
    char buffer[256];
    for (ssize_t n = 0; (n = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
      got.append(buffer, static_cast<std::size_t>(n));
    CHECK(got.find("HTTP") == std::string::npos);
    ::close(socket);
  }
  CHECK(world.refusals.saw(tls::kTlsHandshakeFailed));
}

TEST_CASE("too many connections from one source are closed, other sources are not") {
  World world;
  world.options.limits.connections_per_source_max = 3;
  world.start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(std::make_unique<RawClient>(*world.plain, world.port()));
  CHECK(!RawClient(*world.plain, world.port()).is_open());
  CHECK(world.refusals.saw(kHttpTooMany));
  CHECK(RawClient(*world.plain, world.port(), "127.0.0.2").is_open());
  clients.pop_back();
  while (world.server->connections() > 2) ::usleep(1000);
  CHECK(RawClient(*world.plain, world.port()).is_open());
}

TEST_CASE("too many requests from one source are 429 with Retry-After, then served again") {
  World world;
  world.options.limits.requests_per_source_s = 1;
  world.options.limits.requests_per_source_burst = 3;  // one of them is the connection
  world.start();
  RawClient client(*world.plain, world.port());
  CHECK(is_status(client.get("/a"), 200));
  CHECK(is_status(client.get("/a"), 200));
  const std::string answer = client.get("/a");
  CHECK(is_status(answer, 429));
  CHECK(answer.find("Retry-After: 1\r\n") != std::string::npos);
  world.pass(seconds(1));
  CHECK(is_status(client.get("/a"), 200));
}

TEST_CASE("of too many half-open handshakes the oldest go, so that new clients get through") {
  World world;
  world.options.limits.handshakes_max = 20;
  world.start();
  std::vector<int> silent;
  for (int i = 0; i < 100; ++i) silent.push_back(test::connect_loopback(world.port()));
  RawClient client(*world.plain, world.port());
  CHECK(is_status(client.get("/a"), 200));
  CHECK(world.server->connections() <= 21);
  for (const int socket : silent) ::close(socket);
}

TEST_CASE("of too many unfinished bodies the oldest go") {
  World world;
  world.options.limits.bodies_max = 2;
  world.start();
  const auto begin = [&] {
    auto client = std::make_unique<RawClient>(*world.plain, world.port());
    client->send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client->receive() == "HTTP/1.1 100 Continue\r\n\r\n");
    return client;
  };
  const auto first = begin();
  const auto second = begin();
  const auto third = begin();
  CHECK(first->is_closed_by_peer());
  for (const auto& client : {second.get(), third.get()}) {
    REQUIRE(client->send("body"));
    CHECK(client->receive().ends_with("\r\n\r\nbody"));
  }
}

}  // namespace
}  // namespace holdfast::linux::http

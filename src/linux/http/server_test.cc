#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "linux/http/server.h"
#include "tls/http_world.h"

namespace holdfast::linux::http {
namespace {

using test::RawClient;

constexpr Reason kFlushFails{"flush-fails"};

TEST_CASE("requests are served on one connection, one after another") {
  World world;
  world.start();
  RawClient client(*world.plain, world.port());
  CHECK(client.get("/a").ends_with("\r\n\r\nGET /a"));
  CHECK(client.get("/b?c=d").ends_with("\r\n\r\nGET /b"));
  CHECK(client.get("/source").ends_with("\r\n\r\n127.0.0.1"));
  CHECK(world.server->connections() == 1);
}

TEST_CASE("the handler sees the client's certificate, and none where there is none") {
  World world;
  world.start();
  auto device = world.connector(&world.client);
  RawClient with(*device, world.port());
  CHECK(with.get("/certificate").ends_with("\r\n\r\n" + to_text(world.client.certificate)));
  RawClient without(*world.plain, world.port());
  CHECK(without.get("/certificate").ends_with("\r\n\r\n"));
}

TEST_CASE("a resumed connection still shows the client's certificate") {
  World world;
  world.start();
  auto device = world.connector(&world.client);
  CHECK(!RawClient(*device, world.port()).get("/a").empty());
  for (int i = 0; i < 3; ++i) {
    RawClient again(*device, world.port());
    CHECK(again.get("/certificate").ends_with("\r\n\r\n" + to_text(world.client.certificate)));
    CHECK(again.resumed());
  }
}

TEST_CASE("a connection ends with its client certificate, idle or not, and is not resumed after") {
  World world;
  world.client = test::make_client(world.client_ca, "hf-1", world.not_before, world.real_now + hours(2));
  world.options.limits.idle_time = hours(24);
  world.start();
  auto device = world.connector(&world.client);
  RawClient idle(*device, world.port());
  CHECK(is_status(idle.get("/a"), 200));
  world.pass(hours(2) + seconds(2000));
  CHECK(idle.is_closed_by_peer());
  CHECK(world.refusals.saw(kHttpCertificateEnded));
  RawClient late(*device, world.port());
  CHECK(late.get("/a").empty());
  CHECK(world.refusals.saw(tls::kTlsCertificateExpired));
}

TEST_CASE("HEAD gets the head of the answer and the connection goes on") {
  World world;
  world.start();
  RawClient client(*world.plain, world.port());
  REQUIRE(client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n"));
  const std::string answer = client.receive(1, true);
  CHECK(answer.find("Content-Length: 6\r\n") != std::string::npos);
  CHECK(answer.ends_with("\r\n\r\n"));
  CHECK(client.get("/b").ends_with("GET /b"));
}

TEST_CASE("a client that waits for 100 Continue is told to go on") {
  World world;
  world.start();
  RawClient client(*world.plain, world.port());
  REQUIRE(client.send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"));
  CHECK(client.receive() == "HTTP/1.1 100 Continue\r\n\r\n");
  REQUIRE(client.send("body"));
  CHECK(client.receive().ends_with("\r\n\r\nbody"));
}

TEST_CASE("pipelined requests are answered in order") {
  World world;
  world.start();
  RawClient client(*world.plain, world.port());
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  REQUIRE(client.send(requests));
  for (int i = 0; i < 20; ++i) CHECK(client.receive().ends_with("GET /" + std::to_string(i)));
}

TEST_CASE("Connection: close and a handler that closes end the connection after the answer") {
  World world;
  world.start();
  RawClient one(*world.plain, world.port());
  REQUIRE(one.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  CHECK(one.receive().find("Connection: close\r\n") != std::string::npos);
  CHECK(one.is_closed_by_peer());
  RawClient two(*world.plain, world.port());
  CHECK(is_status(two.get("/close"), 200));
  CHECK(two.is_closed_by_peer());
}

TEST_CASE("a body and an answer of megabytes pass whole") {
  World world;
  world.start();
  RawClient client(*world.plain, world.port());
  const std::string body(1024 * 1024, 'b');
  REQUIRE(client.send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n" + body));
  CHECK(client.receive().ends_with("\r\n\r\n" + body));
  CHECK(client.get("/large").size() > 3'000'000);
}

TEST_CASE("a durable answer waits for its flush") {
  World world;
  world.start();
  RawClient client(*world.plain, world.port());
  REQUIRE(client.send("GET /durable HTTP/1.1\r\nHost: a\r\n\r\n"));
  RawClient other(*world.plain, world.port());
  CHECK(is_status(other.get("/a"), 200));
  CHECK(world.flush.waiting() == 1);
  world.flush.finish(1, {});
  CHECK(client.receive().ends_with("GET /durable"));
  CHECK(is_status(client.get("/a"), 200));
}

TEST_CASE("a durable answer whose flush failed is a 503 with Retry-After") {
  World world;
  world.start();
  RawClient client(*world.plain, world.port());
  REQUIRE(client.send("GET /durable HTTP/1.1\r\nHost: a\r\n\r\n"));
  world.flush.finish(1, fail(Next::Retry, kFlushFails, "the disk is full"));
  const std::string answer = client.receive();
  CHECK(is_status(answer, 503));
  CHECK(answer.find("Retry-After: ") != std::string::npos);
  CHECK(answer.find("the disk") == std::string::npos);
  CHECK(world.refusals.saw(kFlushFails));
}

TEST_CASE("a flush that never comes is a 503, and coming late it does no harm") {
  World world;
  world.start();
  RawClient client(*world.plain, world.port());
  REQUIRE(client.send("GET /durable HTTP/1.1\r\nHost: a\r\n\r\n"));
  while (world.flush.waiting() == 0) ::usleep(1000);
  world.pass(seconds(31));
  CHECK(is_status(client.receive(), 503));
  CHECK(client.is_closed_by_peer());
  world.flush.finish(1, {});
  world.server->stop();
}

TEST_CASE("a flush that calls back after the server has gone does no harm") {
  World world;
  world.options.limits.drain_time = Duration(50);
  world.start();
  RawClient client(*world.plain, world.port());
  REQUIRE(client.send("GET /durable HTTP/1.1\r\nHost: a\r\n\r\n"));
  while (world.flush.waiting() == 0) ::usleep(1000);
  world.server.reset();
  world.flush.finish(1, {});
  CHECK(client.receive().empty());
}

TEST_CASE("a port that another server has is refused, not shared") {
  World world;
  world.start();
  world.options.port = world.port();
  const auto second = Server::start(world.options, world.clock, World::echo, nullptr);
  REQUIRE(!second);
  CHECK(second.error().reason == kHttpAddressUnusable);
  CHECK(second.error().next == Next::Conflict);
}

TEST_CASE("stop lets the answer under way finish and closes what is idle") {
  World world;
  std::atomic<bool> entered = false;
  world.start([&](const Request& request) {
    if (request.path == "/slow") {
      entered = true;
      ::usleep(200'000);
    }
    return World::echo(request);
  });
  RawClient idle(*world.plain, world.port());
  CHECK(is_status(idle.get("/a"), 200));
  RawClient busy(*world.plain, world.port());
  REQUIRE(busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
  while (!entered) ::usleep(1000);
  world.server->stop();
  CHECK(busy.receive().ends_with("GET /slow"));
  CHECK(idle.is_closed_by_peer());
  CHECK(world.server->connections() == 0);
}

TEST_CASE("two hundred connections at once on two threads all get their answers, durable ones too") {
  World world;
  world.options.threads = 2;
  world.options.limits.requests_per_source_s = 0;
  std::atomic<int> handled = 0;
  auto started = Server::start(
      world.options, world.clock,
      [&](const Request& request) {
        ++handled;
        return World::echo(request);
      },
      [](const std::function<void(Result<void>)>& done) { std::thread([done] { done({}); }).detach(); });
  REQUIRE(started);
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      auto device = tls::Connector::make(tls::PeerUnder{world.ca.certificate}, World::identity_of(world.client));
      std::vector<std::unique_ptr<RawClient>> clients;
      for (int i = 0; i < 50; ++i) clients.push_back(std::make_unique<RawClient>(**device, (*started)->port()));
      for (int round = 0; round < 2; ++round) {
        for (const auto& client : clients) client->send("GET /durable HTTP/1.1\r\nHost: a\r\n\r\n");
        for (const auto& client : clients) answered += is_status(client->receive(), 200) ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(answered == 400);
  CHECK(handled == 400);
  (*started)->stop();
  CHECK((*started)->connections() == 0);
}

}  // namespace
}  // namespace holdfast::linux::http

#include "linux/http/server.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tls/certificates.h"
#include "tls/raw_client.h"
#include "tls/set_clock.h"

namespace holdfast::linux::http {
namespace {

using test::RawClient;

constexpr Reason kFlushFails{"flush-fails"};

/// Flushes when the test says so.
class HeldFlush {
 public:
  Flush flush() {
    return [this](std::function<void(Result<void>)> done) {
      const std::lock_guard hold(lock_);
      waiting_.push_back(std::move(done));
      arrived_.notify_all();
    };
  }
  /// Waits until `count` answers wait, then calls them all back from this thread.
  void finish(std::size_t count, const Result<void>& result) {
    std::unique_lock hold(lock_);
    REQUIRE(arrived_.wait_for(hold, std::chrono::seconds(5), [&] { return waiting_.size() >= count; }));
    auto waiting = std::exchange(waiting_, {});
    hold.unlock();
    for (const auto& done : waiting) done(result);
  }
  std::size_t waiting() {
    const std::lock_guard hold(lock_);
    return waiting_.size();
  }

 private:
  std::mutex lock_;
  std::condition_variable arrived_;
  std::vector<std::function<void(Result<void>)>> waiting_;
};

/// The reasons for which connections and requests were refused.
class Refusals {
 public:
  Refused hook() {
    return [this](const std::string&, const Error& error) {
      const std::lock_guard hold(lock_);
      reasons_.push_back(error.reason);
    };
  }
  /// Whether `reason` was given within five seconds.
  bool saw(Reason reason) {
    for (int i = 0; i < 500; ++i) {
      {
        const std::lock_guard hold(lock_);
        if (std::ranges::find(reasons_, reason) != reasons_.end()) return true;
      }
      ::usleep(10'000);
    }
    return false;
  }

 private:
  std::mutex lock_;
  std::vector<Reason> reasons_;
};

struct World {
  WallTime real_now = WallTime::from_seconds(::time(nullptr));
  test::SetClock clock{real_now};
  WallTime not_before = real_now - hours(1);
  test::KeyedCertificate ca = test::make_ca("service CA", not_before, real_now + days(400));
  test::KeyedCertificate server_certificate = test::make_server(ca, not_before, real_now + days(30));
  test::KeyedCertificate client_ca = test::make_ca("client CA", not_before, real_now + days(400));
  test::KeyedCertificate client = test::make_client(client_ca, "hf-1", not_before, real_now + hours(24));
  HeldFlush flush;
  Refusals refusals;
  ListenerOptions options;
  std::unique_ptr<Server> server;
  std::unique_ptr<tls::Connector> plain = connector(nullptr);

  World() {
    options.identity = identity_of(server_certificate);
    options.tls.client_certificate = tls::ClientCertificate::Requested;
    options.threads = 1;
    options.refused = refusals.hook();
  }
  /// Answers with what was asked.
  static Response echo(const Request& request) {
    Response response{.content_type = "text/plain", .body = to_blob(as_bytes(request.method + " " + request.path))};
    if (request.path == "/durable") response.durable = true;
    if (request.path == "/close") response.close = true;
    if (request.path == "/certificate") response.body = request.client_certificate.value_or(Blob{});
    if (request.path == "/body") response.body = request.body;
    if (request.path == "/source") response.body = to_blob(as_bytes(request.source_address));
    if (request.path == "/large") response.body.assign(3'000'000, 'x');
    return response;
  }
  void start(const Handler& handler = echo) {
    auto started = Server::start(options, clock, handler, flush.flush());
    REQUIRE(started);
    server = std::move(*started);
  }
  std::uint16_t port() const { return server->port(); }
  static tls::Identity identity_of(const test::KeyedCertificate& from) {
    return {{from.certificate}, from.key.clone()};
  }
  std::unique_ptr<tls::Connector> connector(const test::KeyedCertificate* own) {
    std::optional<tls::Identity> identity;
    if (own != nullptr) identity = identity_of(*own);
    auto made = tls::Connector::make(tls::PeerUnder{ca.certificate}, identity);
    REQUIRE(made);
    return std::move(*made);
  }
  /// Lets the server's thread come to rest first, since its deadlines count from then.
  void pass(Duration time) {
    ::usleep(50'000);
    clock.advance(time);
  }
};

bool is_status(const std::string& answer, int status) {
  return answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ");
}

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

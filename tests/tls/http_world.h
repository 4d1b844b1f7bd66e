// A server with certificates, a clock that the test sets, and a flush that it holds back.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "linux/http/server.h"
#include "tls/certificates.h"
#include "tls/raw_client.h"
#include "tls/set_clock.h"

namespace holdfast::linux::http {

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

inline bool is_status(const std::string& answer, int status) {
  return answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ");
}

}  // namespace holdfast::linux::http

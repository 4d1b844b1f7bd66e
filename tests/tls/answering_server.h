// A server that gives every request the same answer and keeps what it was asked: the other side of a client's tests.
#pragma once

#include <doctest/doctest.h>

#include <mutex>

#include "linux/http/server.h"
#include "tls/certificates.h"

namespace holdfast::test {

struct AnsweringServer {
  std::mutex lock;  ///< the handler waits for it
  std::vector<linux::http::Request> requests;
  linux::http::Response next{.content_type = "application/json", .body = to_blob(as_bytes("{}"))};

  /// On another port, once there was one before, which ends. `clock` outlives this.
  void start(ports::Clock& clock, const KeyedCertificate& certificate) {
    linux::http::ListenerOptions options;
    options.identity = {{certificate.certificate}, certificate.key.clone()};
    options.tls.client_certificate = linux::tls::ClientCertificate::Requested;
    options.threads = 1;
    options.limits.drain_time = Duration(100);
    auto started = linux::http::Server::start(
        options, clock,
        [this](const linux::http::Request& request) {
          const std::lock_guard hold(lock);
          requests.push_back(request);
          return next;
        },
        nullptr);
    REQUIRE(started);
    running_ = std::move(*started);
  }
  linux::http::Server* operator->() const { return running_.get(); }

 private:
  std::unique_ptr<linux::http::Server> running_;  ///< last: it ends before what its handler uses
};

}  // namespace holdfast::test

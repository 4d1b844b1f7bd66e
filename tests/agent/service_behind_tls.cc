#include "agent/service_behind_tls.h"

#include <doctest/doctest.h>

#include "base/text.h"

namespace holdfast::tests {

namespace http = linux::http;

ServiceBehindTls::ServiceBehindTls() {
  const WallTime now = clock_.wall_time();
  const auto ca = test::make_ca("service CA", now - hours(1), now + days(30));
  const auto server = test::make_server(ca, now - hours(1), now + days(30));
  http::ListenerOptions options;
  options.identity = {{server.certificate}, server.key.clone()};
  options.tls.client_certificate = linux::tls::ClientCertificate::Requested;
  options.threads = 1;
  options.limits.drain_time = Duration(100);
  auto started =
      http::Server::start(options, clock_, [this](const http::Request& request) { return answer(request); }, nullptr);
  REQUIRE(started);
  server_ = *std::move(started);
  service_.answer_on(net_);
  service_.move_to(cat("https://127.0.0.1:", server_->port()), ca.certificate);
}

std::size_t ServiceBehindTls::check_ins() {
  const std::lock_guard hold(lock_);
  return check_ins_;
}

http::Response ServiceBehindTls::answer(const http::Request& request) {
  const std::lock_guard hold(lock_);
  ports::NetRequest asked;
  asked.method = request.method;
  asked.path = request.path;
  asked.body = request.body;
  if (request.client_certificate) asked.identity = ports::ClientIdentity{{}, *request.client_certificate};
  const auto answered = net_.exchange(asked);
  net_.forget_requests();
  http::Response out{.status = 404, .content_type = "application/json"};
  if (!answered) return out;
  out.status = answered->status;
  out.body = answered->body;
  if (out.status == 200 && request.path == "/v1/check-in") ++check_ins_;
  return out;
}

}  // namespace holdfast::tests

#include "linux/net/https_callout.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <fstream>

#include "base/text.h"
#include "fails_with.h"
#include "linux/system/clock.h"
#include "temporary_folder.h"
#include "tls/answering_server.h"
#include "tls/certificates.h"
#include "trust/x509/certificate.h"

namespace holdfast::linux::net {
namespace {

const ports::IpAddress kLoopback = *ports::parse_ip_address("127.0.0.1");

/// A receiver for `localhost` and 127.0.0.1 on 127.0.0.1, and a callout whose resolver must not be asked.
struct Receiver {
  system::SystemClock clock;
  WallTime now = clock.wall_time();
  test::KeyedCertificate ca = test::make_ca("receiver CA", now - hours(1), now + days(30));
  test::KeyedCertificate certificate = test::make_server(ca, now - hours(1), now + days(30));
  test::AnsweringServer server;
  std::atomic<int> look_ups = 0;
  HttpsCallout callout{clock,
                       [this](const std::string&) -> Result<std::vector<ports::IpAddress>> {
                         ++look_ups;
                         return std::vector{kLoopback};
                       },
                       {.connect = seconds(2), .handshake = seconds(2), .answer = seconds(2), .idle = seconds(2)}};

  Receiver() {
    server.next = {.status = 204};
    server.start(clock, certificate);
  }

  ports::CalloutRequest request(std::string host = "localhost") {
    ports::CalloutRequest out;
    out.address = kLoopback;
    out.port = server->port();
    out.host = std::move(host);
    out.peer = ports::PeerUnder{ca.certificate};
    out.target = "/in?x=1";
    out.headers = {{"webhook-id", "a-1"}};
    out.body = to_blob(as_bytes("{}"));
    return out;
  }
};

}  // namespace

TEST_CASE("a callout is one POST to the address that it was given, without a look-up") {
  Receiver receiver;
  const auto status = receiver.callout.post(receiver.request());
  REQUIRE(status);
  CHECK(*status == 204);
  CHECK(receiver.look_ups == 0);
  const http::Request& seen = receiver.server.requests.back();
  CHECK(seen.method == "POST");
  CHECK(seen.path == "/in");
  CHECK(seen.query == "x=1");
  CHECK(*seen.header("webhook-id") == "a-1");
  CHECK(*seen.header("host") == cat("localhost:", receiver.server->port()));
  CHECK(as_text(seen.body) == "{}");
}

TEST_CASE("a name that is rebound between check and call is dialled where it was checked") {
  Receiver receiver;
  auto request = receiver.request();
  // The system would say that localhost is where the receiver listens.
  request.address = *ports::parse_ip_address("127.0.0.2");
  CHECK(fails_with(receiver.callout.post(request), ports::kNetUnreachable));
  CHECK(receiver.server.requests.empty());
}

TEST_CASE("a connection to one address is not used for another") {
  Receiver receiver;
  REQUIRE(receiver.callout.post(receiver.request()));
  auto request = receiver.request();
  request.address = *ports::parse_ip_address("127.0.0.2");
  CHECK(fails_with(receiver.callout.post(request), ports::kNetUnreachable));
  CHECK(receiver.server.requests.size() == 1);
}

TEST_CASE("a receiver that does not prove its name under the CA is sent nothing") {
  Receiver receiver;
  CHECK(fails_with(receiver.callout.post(receiver.request("other.example")), ports::kNetPeerUnverified));
  auto foreign = receiver.request();
  foreign.peer = ports::PeerUnder{test::make_ca("foreign", receiver.now, receiver.now + days(1)).certificate};
  CHECK(fails_with(receiver.callout.post(foreign), ports::kNetPeerUnverified));
  auto unknown = receiver.request();
  unknown.peer = ports::PeerPublic{};
  CHECK(fails_with(receiver.callout.post(unknown), ports::kNetPeerUnverified));
  CHECK(receiver.server.requests.empty());
}

TEST_CASE("a public CA is one that this machine trusts") {
  Receiver receiver;
  const tests::TemporaryFolder folder;
  const auto file = folder.path() / "ca.pem";
  std::ofstream(file) << trust::x509::to_pem(*trust::x509::parse_certificate(receiver.ca.certificate));
  ::setenv("SSL_CERT_FILE", file.c_str(), 1);
  auto request = receiver.request();
  request.peer = ports::PeerPublic{};
  const auto status = receiver.callout.post(request);
  auto elsewhere = receiver.request("other.example");
  elsewhere.peer = ports::PeerPublic{};
  const auto refused = receiver.callout.post(elsewhere);
  ::unsetenv("SSL_CERT_FILE");
  CHECK(status);
  CHECK(fails_with(refused, ports::kNetPeerUnverified));
}

TEST_CASE("a redirect is an answer and is not followed") {
  Receiver receiver;
  receiver.server.next.status = 307;
  receiver.server.next.headers = {{"location", "/elsewhere"}};
  const auto status = receiver.callout.post(receiver.request());
  REQUIRE(status);
  CHECK(*status == 307);
  CHECK(receiver.server.requests.size() == 1);
}

TEST_CASE("an answer without measure is cut") {
  Receiver receiver;
  receiver.server.next.status = 200;
  receiver.server.next.body.assign(kCalloutAnswerBytesMax + 1, 'x');
  CHECK(fails_with(receiver.callout.post(receiver.request()), ports::kNetAnswerMalformed));
  receiver.server.next.body.resize(kCalloutAnswerBytesMax);
  CHECK(receiver.callout.post(receiver.request()));
}

TEST_CASE("the system's resolver knows addresses and this machine, and says when it knows nothing") {
  CHECK(*resolve_by_system("127.0.0.1") == std::vector{kLoopback});
  CHECK(*resolve_by_system("::1") == std::vector{*ports::parse_ip_address("::1")});
  CHECK(fails_with(resolve_by_system("name.invalid"), ports::kCalloutNameUnknown));
}

}  // namespace holdfast::linux::net

// holdfastd's wiring in this process, where the clock can jump and its log can be read.
#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>

#include "attack/caller.h"
#include "linux/system/clock.h"
#include "programs/holdfastd/server.h"
#include "service/startup/startup.h"
#include "temporary_folder.h"
#include "trust/x509/certificate.h"

using namespace holdfast;
using namespace holdfast::tests;

namespace {

/// The machine's, with a wall clock that can be set.
class JumpingClock final : public ports::Clock {
 public:
  Instant now() override { return real_.now(); }
  WallTime wall_time() override { return real_.wall_time() + Duration(ahead_ms_); }
  void jump(Duration by) { ahead_ms_ += by.count(); }

 private:
  linux::system::SystemClock real_;
  std::atomic<std::int64_t> ahead_ms_ = 0;
};

Blob certificate_shown(std::uint16_t port) {
  Raw raw(port);
  return raw->peer_certificate().value_or(Blob());
}

bool is_served(test::RawClient& client) { return client.get("/v1/nowhere").starts_with("HTTP/1.1 404 "); }

}  // namespace

TEST_CASE("the server certificate is renewed while the service runs, and open connections and sessions go on") {
  const TemporaryFolder folder;
  JumpingClock clock;
  programs::ServerOptions options;
  options.folder = folder.path() / "service";
  options.device_address = options.management_address = "127.0.0.1:0";
  options.names = {"127.0.0.1"};
  options.certificate_checked_every = Duration(20);
  const auto server = programs::RunningServer::start(options, clock);
  REQUIRE(server);
  const std::uint16_t ports[] = {(*server)->device_port(), (*server)->management_port()};

  const auto connector = linux::tls::Connector::make(linux::tls::PeerUnverified{}, {});
  REQUIRE(connector);
  test::RawClient open(**connector, ports[0]);
  REQUIRE(is_served(open));
  const Blob first = certificate_shown(ports[0]);
  CHECK(certificate_shown(ports[1]) == first);
  ::usleep(100'000);
  CHECK(certificate_shown(ports[0]) == first);  // nothing is renewed before its time

  clock.jump(service::startup::kServerCertificateLife - service::startup::kServerCertificateRenewedBefore + hours(1));
  for (const std::uint16_t port : ports) {
    for (int i = 0; i < 500 && certificate_shown(port) == first; ++i) ::usleep(10'000);
    CHECK(certificate_shown(port) != first);
  }
  const auto renewed = trust::x509::parse_certificate(certificate_shown(ports[0]));
  REQUIRE(renewed);
  CHECK(renewed->not_after() > clock.wall_time() + service::startup::kServerCertificateRenewedBefore);
  CHECK(is_served(open));
  test::RawClient resumes(**connector, ports[0]);
  CHECK(resumes.resumed());
  CHECK(is_served(resumes));
}

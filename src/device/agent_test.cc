#include "device/agent.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "device/attest/attest.h"
#include "device/bootstrap/bootstrap.h"
#include "device_bench.h"
#include "trust/tpm/public_area.h"
#include "trust/x509/certificate.h"

using namespace holdfast;
using namespace holdfast::device;
using tests::DeviceBench;

TEST_CASE("a device with a ticket enrols, attests, checks in, and forgets the ticket") {
  DeviceBench bench;
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
  const auto& attested = bench.agent().records().get<record::Attested>();
  REQUIRE(attested);
  CHECK(attested->result.verdict == "healthy");
  CHECK(attested->result.client_certificate);
  CHECK(attested->result.update_certificate);
  CHECK_FALSE(bench.disk.records().contains("claim-ticket"));
  CHECK_FALSE(bench.disk.records().contains("trouble"));
  CHECK(bench.service.devices().size() == 1);
}

TEST_CASE("nothing but the bootstrap is asked of a peer that has not proven itself") {
  DeviceBench bench;
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
  for (const auto& request : bench.net.requests()) {
    const bool is_bootstrap = request.path == "/v1/bootstrap/acme";
    CHECK(std::holds_alternative<ports::ContentPinned>(request.peer) == is_bootstrap);
    CHECK(request.identity.has_value() == (request.path == "/v1/check-in"));
  }
}

TEST_CASE("without a ticket a device says nothing to anybody") {
  DeviceBench bench;
  bench.run(hours(10));
  CHECK(bench.net.requests().empty());
  CHECK(bench.agent().waits_for_ticket());
}

TEST_CASE("a service with another root than the ticket's learns nothing") {
  DeviceBench bench;
  DeviceBench other(2);
  REQUIRE(bench.agent().offer_ticket(other.service.ticket()));
  bench.run(minutes(10));
  CHECK(bench.net.count("/v1/enroll") == 0);
  CHECK(bench.trouble().activity == "bootstrap");
  CHECK_FALSE(bench.disk.records().contains("owner"));
}

TEST_CASE("a pinned device does not change its owner by a ticket") {
  DeviceBench bench;
  DeviceBench other(2);
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
  bench.vault->clear();
  bench.reboot();
  REQUIRE(bench.agent().offer_ticket(other.service.ticket()));
  bench.run(minutes(10));
  CHECK(bench.trouble().reason == device::bootstrap::kTicketForeign.word());
  CHECK(other.service.devices().empty());
}

TEST_CASE("a ticket works once: another device with a copy of it is refused, and says why") {
  DeviceBench bench;
  const Blob ticket = bench.service.ticket();
  REQUIRE(bench.agent().offer_ticket(ticket));
  REQUIRE(bench.run_until_checked_in());
  bench.swap_chip();
  bench.disk.erase();
  bench.reboot();
  REQUIRE(bench.agent().offer_ticket(ticket));
  bench.run(minutes(2));
  CHECK(bench.trouble().activity == "enroll");
  CHECK(bench.trouble().message.find("ticket-consumed") != std::string::npos);
  REQUIRE(bench.agent().failure());
  CHECK_FALSE(contact::heals_by_waiting(*bench.agent().failure()));
}

TEST_CASE("a copied disk on another chip gives up what it copied and is refused") {
  DeviceBench bench;
  const Blob ticket = bench.service.ticket();
  REQUIRE(bench.agent().offer_ticket(ticket));
  REQUIRE(bench.run_until_checked_in());
  bench.swap_chip();
  bench.reboot();
  REQUIRE(bench.agent().offer_ticket(ticket));
  bench.net.forget_requests();
  bench.run(minutes(10));
  CHECK(bench.net.count("/v1/attest") == 0);
  CHECK(bench.net.count("/v1/check-in") == 0);
  CHECK(bench.trouble().activity == "enroll");
  CHECK_FALSE(bench.disk.records().contains("identity"));
  CHECK_FALSE(bench.disk.records().contains("attested"));
  CHECK(bench.disk.records().contains("owner"));
  CHECK(bench.service.devices().size() == 1);
}

TEST_CASE("a device whose chip was cleared comes back as itself with a ticket that names it") {
  DeviceBench bench;
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
  const std::string device = bench.agent().records().get<record::Identity>()->device;
  bench.vault->clear();
  bench.reboot();
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket(device)));
  REQUIRE(bench.run_until_checked_in());
  CHECK(bench.agent().records().get<record::Identity>()->device == device);
  CHECK(bench.service.devices().size() == 1);
  CHECK(bench.service.enrolments() == 2);
}

TEST_CASE("an old disk in the same chip enrols anew when it is disowned and has a ticket for it") {
  DeviceBench bench;
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
  bench.service.disown_devices();
  bench.reboot();
  bench.run(minutes(2));
  CHECK(bench.trouble().reason == contact::kServiceDisowns.word());
  CHECK(bench.disk.records().contains("identity"));
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  bench.agent().wake();
  CHECK(bench.run_until_checked_in());
}

TEST_CASE("a client key is for good boots: another boot has one of its own, and no certificate of before") {
  DeviceBench bench;
  const auto client_key = [&] { return bench.agent().records().get<record::TlsKeys>()->client.public_area; };
  const auto is_bound = [&] { return !trust::tpm::parse_public_area(client_key())->auth_policy.empty(); };
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  bench.vault->call_boot_good(true);
  REQUIRE(bench.run_until_checked_in());
  CHECK(is_bound());
  const Blob first = client_key();

  bench.reboot();
  REQUIRE(bench.run_until_checked_in());
  CHECK(client_key() == first);

  bench.vault->call_boot_good(false);
  bench.reboot();
  REQUIRE(bench.run_until_checked_in());
  CHECK_FALSE(is_bound());
  const Blob second = client_key();
  bench.reboot();
  REQUIRE(bench.run_until_checked_in());
  CHECK(client_key() == second);

  bench.vault->call_boot_good(true);
  bench.reboot();
  REQUIRE(bench.run_until_checked_in());
  CHECK(is_bound());
  CHECK(bench.service.devices().size() == 1);
}

TEST_CASE("every boot attests before it checks in") {
  DeviceBench bench;
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
  bench.reboot();
  bench.net.forget_requests();
  REQUIRE(bench.run_until_checked_in());
  CHECK(bench.service.attestations() == 2);
  CHECK(bench.net.requests().front().path == "/v1/attest/challenge");
  CHECK(bench.net.requests().back().path == "/v1/check-in");
}

TEST_CASE("an agent started again in the same boot does not attest again before it is due") {
  DeviceBench bench;
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
  bench.restart_agent();
  REQUIRE(bench.run_until_checked_in());
  CHECK(bench.service.attestations() == 1);
}

TEST_CASE("certificates are renewed around half of their life, whatever the wall clock says") {
  for (const char* wall : {"1970-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2100-01-01T00:00:00Z"}) {
    DeviceBench bench;
    REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
    REQUIRE(bench.run_until_checked_in());
    bench.device_clock.jump_to(*parse_rfc3339(wall));
    bench.run(hours(10));
    CHECK(bench.service.attestations() == 1);
    bench.run(hours(4));
    CHECK(bench.service.attestations() == 2);
  }
}

/// How long from now a certificate of the device is good for.
Duration left(DeviceBench& bench, const std::optional<wire::IssuedCertificate>& issued) {
  REQUIRE(issued);
  return trust::x509::parse_certificate(issued->certificate)->not_after() - bench.service_clock.wall_time();
}

TEST_CASE("no certificate ends before the next one is there, from a life of 10 minutes to 30 days") {
  for (const Duration life : {Duration(minutes(10)), Duration(hours(1)), Duration(hours(24)), Duration(days(30))}) {
    CAPTURE(life.count());
    DeviceBench bench;
    bench.service.client_life = life;
    REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
    REQUIRE(bench.run_until_checked_in());
    const Duration shortest = std::min<Duration>(life, days(7));  // the update certificate's
    for (int i = 0; i < 40; ++i) {
      bench.run(shortest / 8);
      const auto& result = bench.agent().records().get<record::Attested>()->result;
      CHECK(left(bench, result.client_certificate) > shortest / 4);
      CHECK(left(bench, result.update_certificate) > shortest / 4);
    }
    CHECK(bench.service.attestations() >= 8);
    CHECK(bench.service.attestations() <= 13);
  }
}

TEST_CASE("a short-lived certificate is back minutes after the service is, however long that was away") {
  DeviceBench bench;
  bench.service.client_life = minutes(10);
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
  for (const char* path : {"/v1/attest/challenge", "/v1/check-in"}) bench.net.on("POST", path, sim::net::unreachable());
  bench.run(hours(4));
  bench.service.answer_on(bench.net);
  bench.run(minutes(2));
  CHECK(left(bench, bench.agent().records().get<record::Attested>()->result.client_certificate) > minutes(5));
}

TEST_CASE("once the network is there what failed is tried at once, and nothing else is done again") {
  DeviceBench bench;
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
  const int attested_once = bench.service.attestations();
  bench.net.on("POST", "/v1/check-in", sim::net::unreachable());
  bench.run(hours(1));
  bench.service.answer_on(bench.net);
  const auto asked = bench.net.requests().size();
  bench.agent().retry();
  bench.run(seconds(1));
  CHECK(bench.net.requests().size() == asked + 1);
  bench.agent().retry();
  bench.run(seconds(1));
  CHECK(bench.net.requests().size() == asked + 1);
  CHECK(bench.service.attestations() == attested_once);
}

TEST_CASE("an unhealthy device drops its client certificate and goes on with the update certificate") {
  DeviceBench bench;
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
  bench.service.verdict = "update-only";
  bench.reboot();
  REQUIRE(bench.run_until_checked_in());
  const auto& attested = *bench.agent().records().get<record::Attested>();
  CHECK_FALSE(attested.is_client());
  CHECK(bench.net.requests().back().identity->certificate == attested.result.update_certificate->certificate);
  const int attested_once = bench.service.attestations();
  bench.run(hours(3));
  CHECK(bench.service.attestations() > attested_once + 2);
  CHECK(bench.service.attestations() < attested_once + 20);
  bench.service.verdict = "healthy";
  bench.run(hours(1));
  CHECK(bench.agent().records().get<record::Attested>()->is_client());
}

TEST_CASE("a refused device keeps its update certificate and says which check failed") {
  DeviceBench bench;
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
  const auto checked_in = std::ranges::count(bench.net.requests(), "/v1/check-in", &ports::NetRequest::path);
  bench.service.verdict = "refused";
  bench.reboot();
  bench.run(minutes(1));
  const auto& attested = *bench.agent().records().get<record::Attested>();
  CHECK_FALSE(attested.is_client());
  CHECK(attested.result.update_certificate);
  CHECK(bench.trouble().reason == kAttestationRefused.word());
  CHECK(bench.trouble().message.find("events-known") != std::string::npos);
  const auto& requests = bench.net.requests();
  CHECK(std::ranges::any_of(requests, [](const auto& one) { return one.path.starts_with("/v1/release/"); }));
  CHECK(std::ranges::count(requests, "/v1/check-in", &ports::NetRequest::path) > checked_in);
}

TEST_CASE("a quarantined device checks in nowhere and attests again after a wait") {
  DeviceBench bench;
  bench.service.verdict = "quarantined";
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  bench.run(hours(2));
  CHECK(bench.net.count("/v1/check-in") == 0);
  CHECK(bench.service.attestations() > 2);
  CHECK(bench.service.attestations() < 20);
}

TEST_CASE("a superseded certificate makes the device attest at once, and again only after a wait") {
  DeviceBench bench;
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
  bench.service.supersede_certificates();
  bench.run(minutes(6));
  CHECK(bench.service.attestations() == 2);
  CHECK_FALSE(bench.disk.records().contains("trouble"));
  for (int i = 0; i < 400; ++i) {
    bench.service.supersede_certificates();
    REQUIRE(bench.step());
  }
  CHECK(bench.net.requests().size() < 2000);
  CHECK(bench.trouble().activity == "check-in");
}

TEST_CASE("a service that asks for evidence gets it, and not in a hot loop") {
  DeviceBench bench;
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.run_until_checked_in());
  bench.service.attest_now = true;
  bench.run(minutes(30));
  CHECK(bench.service.attestations() > 5);
  CHECK(bench.service.attestations() < 70);
}

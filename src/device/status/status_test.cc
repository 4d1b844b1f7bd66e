#include "device/status/status.h"

#include <doctest/doctest.h>

#include "device_bench.h"

using namespace holdfast;
using namespace holdfast::device;
using tests::DeviceBench;

TEST_CASE("the status says how far a device is, who it is and what it was given") {
  DeviceBench bench;
  CHECK(status::to_text(bench.agent().records()) == "phase: unclaimed\n");
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  REQUIRE(bench.step());
  CHECK(status::phase_of(bench.agent().records()) == status::Phase::Claiming);
  REQUIRE(bench.run_until_checked_in());
  const json::Value all = status::to_json(bench.agent().records());
  CHECK(*all.find("phase")->text() == "attested");
  CHECK(*all.find("verdict")->text() == "healthy");
  CHECK(*all.find("catalog")->text() == "acme");
  CHECK(all.find("client_certificate")->find("not_after") != nullptr);
  CHECK(all.find("trouble") == nullptr);
}

TEST_CASE("the status names the check that failed and what stands in the way") {
  DeviceBench bench;
  bench.service.verdict = "refused";
  REQUIRE(bench.agent().offer_ticket(bench.service.ticket()));
  bench.run(minutes(1));
  const std::string text = status::to_text(bench.agent().records());
  CHECK(text.find("verdict: refused\n") != std::string::npos);
  CHECK(text.find("client_certificate: none\n") != std::string::npos);
  CHECK(text.find("finding: check events-known, verdict update-only, expected a known event, seen another\n") !=
        std::string::npos);
  CHECK(text.find("reason attestation-refused") != std::string::npos);
}

TEST_CASE("the status holds no secret and nothing that a terminal would obey") {
  DeviceBench bench;
  const Blob ticket = bench.service.ticket();
  REQUIRE(bench.agent().offer_ticket(ticket));
  bench.net.on("POST", "/v1/enroll", sim::net::always(403, as_bytes(R"({"title":"no","detail":"\u001b[31m"})")));
  bench.run(minutes(1));
  const std::string text = json::dump(status::to_json(bench.agent().records()));
  const json::Value file = *json::parse(ticket);
  CHECK(text.find(*file.find("secret")->text()) == std::string::npos);
  CHECK(text.find("\\u001b") == std::string::npos);
  CHECK(text.find("trouble") != std::string::npos);
}

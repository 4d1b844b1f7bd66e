#include <doctest/doctest.h>

#include "base/encoding.h"
#include "cli/memory_world.h"
#include "owner_keys.h"
#include "trust/x509/authority.h"

namespace holdfast::cli::commands {
namespace {

using test::CommandLine;
namespace x509 = trust::x509;

x509::Certificate site_ca() {
  const auto tbs = x509::service_ca_to_be_signed({.name = "site",
                                                  .spki = holder_key(1).spki(),
                                                  .serial = x509::serial_from({}),
                                                  .not_before = WallTime::from_seconds(1'800'000'000),
                                                  .not_after = WallTime::from_seconds(1'900'000'000)});
  REQUIRE(tbs);
  return *x509::parse_certificate(
      x509::assemble_certificate(*tbs, *holder(1).sign(trust::crypto::HashAlgorithm::Sha256, *tbs)));
}

std::vector<std::string> create(std::vector<std::string> more) {
  std::vector<std::string> words = {
      "webhook",           "create",  "broker",      "--url", "https://a.example/x", "--event",
      "certificate-ended", "--event", "device-held", "--out", "broker.secret"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_CASE("a webhook's secret goes into a private file and is not printed") {
  CommandLine line;
  line.log_in("fleet");
  const auto ca = site_ca();
  line.files.put("ca.pem", x509::to_pem(ca));
  line.service.answers("POST /v1/catalogs/fleet/webhooks",
                       json::Object{{"name", "broker"}, {"secret", "whsec_hidden"}});
  REQUIRE(line.run(create({"--ca", "ca.pem"})) == 0);
  CHECK(line.files.text("broker.secret") == "whsec_hidden\n");
  CHECK(line.files.files.at("broker.secret").access == Access::OwnerOnly);
  CHECK(line.printed.find("whsec_hidden") == std::string::npos);
  const auto sent = json::parse(as_bytes(line.service.requests[0].body));
  REQUIRE(sent);
  CHECK(*sent->find("ca")->text() == to_base64(ca.der()));
  CHECK(sent->find("public_ca") == nullptr);
  CHECK(sent->find("events")->array()->size() == 2);
}

TEST_CASE("whom a webhook trusts is said each time, once") {
  CommandLine line;
  line.log_in("fleet");
  line.files.put("ca.pem", x509::to_pem(site_ca()));
  line.files.put("two.pem", x509::to_pem(site_ca()) + x509::to_pem(site_ca()));
  CHECK(line.run(create({})) == 2);
  CHECK(line.run(create({"--ca", "ca.pem", "--public-ca"})) == 2);
  CHECK(line.run(create({"--ca", "two.pem"})) == 1);
  CHECK(line.service.requests.empty());
}

TEST_CASE("a webhook is shown, tested and deleted by its name") {
  CommandLine line;
  line.log_in("fleet");
  const json::Value row = json::Object{{"name", "broker"}, {"queued", 3}, {"last_problem", "net-timeout"}};
  line.service.answers("GET /v1/catalogs/fleet/webhooks", json::Object{{"items", json::Array{row}}});
  line.service.answers("GET /v1/catalogs/fleet/webhooks/broker", row);
  line.service.answers("POST /v1/catalogs/fleet/webhooks/broker/test", row);
  line.service.answers("DELETE /v1/catalogs/fleet/webhooks/broker", row);
  CHECK(line.run({"webhook", "list"}) == 0);
  CHECK(line.printed.find("net-timeout") != std::string::npos);
  CHECK(line.run({"webhook", "show", "broker"}) == 0);
  CHECK(line.printed.find("net-timeout") != std::string::npos);
  CHECK(line.run({"webhook", "test", "broker"}) == 0);
  CHECK(line.run({"webhook", "delete", "broker"}) == 0);
  CHECK(line.printed.find("3 events") != std::string::npos);
  CHECK(line.run({"webhook", "show", "other"}) == 4);
}

}  // namespace holdfast::cli::commands

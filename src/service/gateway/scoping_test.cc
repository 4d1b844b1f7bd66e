#include <doctest/doctest.h>

#include "base/encoding.h"
#include "base/text.h"
#include "ports/store/rows/certificate.h"
#include "ports/store/rows/claim.h"
#include "ports/store/rows/device.h"
#include "ports/store/rows/policy.h"
#include "service/gateway/gateway.h"
#include "service_world.h"

namespace holdfast::service::gateway {
namespace {

using tests::kAcme;
using tests::kOther;
using tests::ServiceWorld;

/// In everything that the neighbour's catalog holds.
constexpr std::string_view kMark = "neighbour-s";

/// Two catalogs with the same names of things, and every list of the neighbour's marked.
struct Neighbours : ServiceWorld {
  Neighbours() {
    other_owner();
    for (const std::string_view catalog : {kAcme, kOther}) fill(catalog, catalog == kAcme ? "ours" : kMark);
  }

 private:
  void fill(std::string_view catalog, std::string_view mark) {
    const std::string token = this->token(cat("ada.", catalog), Scope::Own, catalog);
    const auto post = [&](std::string_view path, std::string_view body) {
      CHECK(ask(token, "POST", cat("/v1/catalogs/", catalog, path), body).status < 300);
    };
    post("/products", cat(R"({"name":"meter","description":")", mark, "\"}"));
    post("/device-groups", cat(R"({"product":"meter","name":"lab","description":")", mark, "\"}"));
    post("/claims", cat(R"({"product":"meter","device_group":"lab"})"));
    post("/factory-list", cat(std::string(64, 'a'), ",meter,lab,", mark));
    post(cat("/policies/", mark), R"({"version":1})");
    post("/reference-values",
         cat(R"({"component":"os","version":")", mark, R"(","security_version":1,)", R"("events":[{"pcr":4,"digest":")",
             std::string(64, '0'), R"(","description":"kernel"}]})"));
    ports::DeviceRow device;
    device.catalog = catalog;
    device.device = cat("hf-", mark);
    device.product = "meter";
    device.running = "[]";
    insert(device);
    ports::CertificateRow certificate;
    certificate.catalog = catalog;
    certificate.device = device.device;
    certificate.sha256[0] = static_cast<std::uint8_t>(mark.size());
    insert(certificate);
  }
};

}  // namespace

TEST_CASE("no list of one catalog shows anything of another's") {
  Neighbours world;
  const std::string here = world.token("here", Scope::Own, kAcme);
  const std::string everywhere = world.token("everywhere", Scope::Own);
  for (const std::string_view list : {"/products", "/device-groups", "/claims", "/factory-list", "/policies",
                                      "/reference-values", "/devices", "/certificates", "/audit"}) {
    CAPTURE(list);
    const auto seen = [&](std::string_view token, std::string_view catalog) {
      const Response answer = world.ask(token, "GET", cat("/v1/catalogs/", catalog, list));
      CHECK(answer.status == 200);
      CHECK_FALSE(json::parse(answer.body)->find("items")->array()->empty());
      return std::string(as_text(answer.body));
    };
    CHECK(seen(here, kAcme).find(kMark) == std::string::npos);
    CHECK(seen(everywhere, kAcme).find(kMark) == std::string::npos);
    if (list != "/claims") CHECK(seen(everywhere, kOther).find(kMark) != std::string::npos);
  }
}

TEST_CASE("a name of another catalog's thing is nothing here") {
  Neighbours world;
  const std::string here = world.token("here", Scope::Own, kAcme);
  const std::string ticket = world.rows<ports::ClaimTicketRow>(kOther).front().ticket;
  const std::string set = to_hex(world.rows<ports::ReferenceSetRow>(kOther).front().id);
  for (const auto& [method, path] : std::vector<std::pair<std::string_view, std::string>>{
           {"GET", cat("/devices/hf-", kMark)},
           {"POST", cat("/devices/hf-", kMark, "/hold")},
           {"DELETE", cat("/claims/", ticket)},
           {"GET", "/approvals/1"},
           {"GET", cat("/claims/", ticket)},
           {"GET", cat("/reference-values/", set)},
           {"GET", cat("/policies/", kMark)},
           {"PUT", cat("/reference-values/", set, "/allowed")},
       }) {
    CAPTURE(path);
    const std::string_view query = method == "PUT" ? "product=meter" : "";
    const Response answer = world.ask(here, method, cat("/v1/catalogs/", kAcme, path), {}, query);
    CHECK(tests::reason_of(answer) == kNothingThere.word());
  }
  CHECK_FALSE(world.rows<ports::ClaimTicketRow>(kOther).front().consumed_at);
}

TEST_CASE("a refusal does not repeat the secret that it refuses") {
  ServiceWorld world;
  const std::string token = "hft_a-secret-that-nobody-has";
  const Response refused = world.ask(token, "GET", "/v1/operators");
  CHECK(refused.status == 401);
  CHECK(as_text(refused.body).find("a-secret") == std::string_view::npos);
  const Response link = world.ask("", "POST", "/v1/owner-link", R"({"secret":"a-secret-link","name":"ada"})");
  CHECK(link.status == 401);
  CHECK(as_text(link.body).find("a-secret") == std::string_view::npos);
}

}  // namespace holdfast::service::gateway

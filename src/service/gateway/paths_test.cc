#include <doctest/doctest.h>

#include "base/text.h"
#include "service/gateway/gateway.h"
#include "service_world.h"

namespace holdfast::service::gateway {
namespace {

using tests::reason_of;
using tests::ServiceWorld;

}  // namespace

TEST_CASE("a path that is no route's is refused before anybody is asked who they are") {
  ServiceWorld world;
  const std::string token = world.token("ada", Scope::Own);
  const std::vector<std::string> paths = {
      "",
      "/",
      "//",
      "v1/catalogs",
      "/v1",
      "/V1/catalogs",
      "/v2/catalogs",
      "/v1/catalogs/",
      "//v1/catalogs",
      "/v1//catalogs",
      "/v1/catalogs//devices",
      "/v1/catalogs/acme//",
      "/v1/catalogs/acme/devices/",
      "/v1/catalogs/acme/devices//explain",
      "/v1/./catalogs",
      "/v1/catalogs/../service",
      "/v1/catalogs/acme/../../service",
      "/v1/catalogs/acme/devices/../../../operators",
      "/v1%2Fcatalogs",
      "/v1/cat%61logs",
      "/v1/catalogs%00",
      "/v1/catalogs?limit=1",
      std::string("/v1/catalogs\0", 13),
      "/" + std::string(100'000, 'a'),
      std::string(10'000, '/'),
  };
  for (const std::string& path : paths) {
    CAPTURE(printable(path, 60));
    for (const std::string_view authorization : {std::string_view(token), std::string_view()}) {
      const Response answer = world.ask(authorization, "GET", path);
      CHECK(answer.status == 404);
      CHECK(reason_of(answer) == kRouteUnknown.word());
      CHECK(answer.body.size() < 1000);
    }
  }
}

TEST_CASE("a method that a path does not have is refused with the list of those that it has, whoever asks") {
  ServiceWorld world;
  for (const std::string& token : {std::string(), world.token("ada", Scope::Own)}) {
    const Response refused = world.ask(token, "DELETE", "/v1/catalogs");
    CHECK(refused.status == 405);
    CHECK(reason_of(refused) == kMethodUnknown.word());
    CHECK(refused.allow == "GET, POST");
  }
  CHECK(world.ask("", "DELETE", "/v1/nowhere").allow.empty());
  CHECK(world.ask("", "GET", "/v1/catalogs").allow.empty());
}

TEST_CASE("a segment is a name as it stands: dots and escapes lead nowhere, and a scoped token to nobody's catalog") {
  ServiceWorld world;
  const std::string everywhere = world.token("ada", Scope::Own);
  const std::string here = world.token("here", Scope::Own, tests::kAcme);
  for (const std::string& name :
       {std::string(".."), std::string("."), std::string("%61cme"), std::string("acme%2Fx"), std::string("acme "),
        std::string("ACME"), std::string("{catalog}"), std::string(10'000, 'a')}) {
    CAPTURE(printable(name, 40));
    const Response unscoped = world.ask(everywhere, "GET", "/v1/catalogs/" + name);
    CHECK(unscoped.status == 404);
    CHECK(reason_of(unscoped) == kNothingThere.word());
    CHECK(world.ask(here, "GET", "/v1/catalogs/" + name).status == 403);
  }
}

TEST_CASE("the service's own audit chain is for those who may see every catalog") {
  ServiceWorld world;
  CHECK(world.ask(world.token("ada", Scope::Read), "GET", "/v1/catalogs/_service/audit").status == 200);
  const Response refused =
      world.ask(world.token("here", Scope::Own, tests::kAcme), "GET", "/v1/catalogs/_service/audit");
  CHECK(reason_of(refused) == kCallerNotAllowed.word());
}

TEST_CASE("a problem has its media type, its type, title and status, and tells when to come again") {
  const Response refused = problem({Next::Exhausted, kAlreadyThere, "expected less, saw more"});
  CHECK(refused.content_type == "application/problem+json");
  CHECK(refused.status == 429);
  CHECK(refused.retry_after == seconds(5));
  const auto body = json::parse(refused.body);
  REQUIRE(body);
  CHECK(*body == json::Value(json::Object{{"type", "urn:holdfast:problem:already-there"},
                                          {"title", "already-there"},
                                          {"status", 429},
                                          {"detail", "expected less, saw more"},
                                          {"reason", "already-there"}}));
}

TEST_CASE("a query that the route does not know is refused, and one that comes twice") {
  ServiceWorld world;
  const std::string token = world.token("ada", Scope::Read);
  for (const std::string_view query : {"verdct=healthy", "limit=1&limit=2", "", "=1", "limit", "&", "%6cimit=1"}) {
    CAPTURE(query);
    const Response answer = world.ask(token, "GET", "/v1/catalogs/acme/devices", {}, query);
    const bool is_fine = query.empty() || query == "limit";
    CHECK(answer.status == (is_fine ? 200 : 400));
    if (!is_fine) CHECK(reason_of(answer) == kQueryUnknown.word());
  }
}

TEST_CASE("a problem of ours tells the caller nothing of what is inside") {
  const Response refused = problem({Next::Corrupt, ports::kStoreFailed, "row 7 of /var/lib/secret is damaged"});
  CHECK(refused.status == 500);
  CHECK(as_text(refused.body).find("secret") == std::string_view::npos);
}

TEST_CASE("a refusal of a change is told once it is durable, since it may have spent something; reading never waits") {
  ServiceWorld world;
  CHECK(world.ask("", "POST", "/v1/operators").durable);
  CHECK_FALSE(world.ask("", "GET", "/v1/operators").durable);
}

TEST_CASE("a name in a refusal is made printable, so that it cannot write into a terminal or a header") {
  ServiceWorld world;
  const Response answer = world.ask(world.token("ada", Scope::Own), "GET", "/v1/catalogs/\x1b[31m\r\nset-cookie: a");
  const auto body = json::parse(answer.body);
  REQUIRE(body);
  const std::string detail = *body->find("detail")->text();
  for (const char c : {'\x1b', '\r', '\n'}) CHECK(detail.find(c) == std::string::npos);
}

TEST_CASE("pages have bounds that a query cannot leave") {
  ServiceWorld world;
  const std::string token = world.token("ada", Scope::Read);
  for (const std::string_view limit : {"0", "-1", "1001", "99999999999999999999", "1x", "0x10", " 1"}) {
    CAPTURE(limit);
    const Response answer = world.ask(token, "GET", "/v1/catalogs/acme/devices", {}, cat("limit=", limit));
    CHECK(answer.status == 400);
    CHECK(reason_of(answer) == kInputMalformed.word());
  }
}

TEST_CASE("a policy may be called dry-run") {
  ServiceWorld world;
  const Response answer =
      world.ask(world.token("ada", Scope::Own), "POST", "/v1/catalogs/acme/policies/dry-run", R"({"version": 1})");
  CHECK(answer.status == 201);
}

}  // namespace holdfast::service::gateway

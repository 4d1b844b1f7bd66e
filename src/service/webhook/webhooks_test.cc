#include "service/webhook/webhooks.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "fails_with.h"
#include "service/access/access.h"
#include "service/gateway/gateway.h"
#include "service/webhook/addresses.h"
#include "service/webhook/signature.h"
#include "webhook_bench.h"

namespace holdfast::service::webhook {
namespace {

using test::WebhookBench;

constexpr std::string_view kWebhooks = "/v1/catalogs/fleet/webhooks";

NewWebhook order(std::string url, std::vector<std::string> events = {"certificate-ended"}) {
  return {"fleet", "broker", std::move(url), {}, std::move(events)};
}

/// The management port, and tokens for it.
struct Door {
  WebhookBench bench;
  gateway::Gateway gateway{bench.deps};

  std::string token(std::string name, Scope scope, std::string catalog = "") {
    std::string out;
    bench.write([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(access::add_operator(tx, bench.deps, {std::move(name), std::move(catalog), scope, {}}, bench.owner,
                                     bench.now));
      return {};
    });
    return out;
  }
  Response call(const std::string& token, std::string method, std::string_view path, std::string_view body = "") {
    Request request{.port = Port::Management,
                    .method = std::move(method),
                    .path = std::string(path),
                    .query = {},
                    .authorization = token.empty() ? "" : cat("Bearer ", token),
                    .body = to_blob(as_bytes(body)),
                    .source = {},
                    .client_certificate = {},
                    .trace = {}};
    return gateway.handle(request, bench.now);
  }
};

constexpr std::string_view kOrder =
    R"({"name":"broker","url":"https://hooks.example/in?key=hidden","public_ca":true,"events":["certificate-ended"]})";

}  // namespace

TEST_CASE("a webhook's secret is shown once and stored sealed") {
  Door door;
  const auto owner = door.token("ada", Scope::Own);
  const auto made = door.call(owner, "POST", kWebhooks, kOrder);
  REQUIRE(made.status == 201);
  const std::string secret = *json::parse(made.body)->find("secret")->text();
  CHECK(secret.starts_with(kSecretPrefix));
  CHECK(secret == text_of(*open_secret(door.bench.deps, door.bench.row())));
  CHECK(
      to_text(door.bench.row().sealed_secret).find(to_text(open_secret(door.bench.deps, door.bench.row())->expose())) ==
      std::string::npos);
  for (const std::string_view path : {"/v1/catalogs/fleet/webhooks", "/v1/catalogs/fleet/webhooks/broker"}) {
    const auto shown = door.call(owner, "GET", path);
    REQUIRE(shown.status == 200);
    CHECK(as_text(shown.body).find(secret) == std::string_view::npos);
    CHECK(as_text(shown.body).find("hidden") == std::string_view::npos);
  }
  for (const auto& entry : door.bench.audit()) {
    CHECK(entry.detail.find(secret) == std::string::npos);
    CHECK(entry.detail.find("hidden") == std::string::npos);
  }
}

TEST_CASE("a sealed secret opens for its own webhook alone") {
  WebhookBench bench;
  bench.hook("broker");
  bench.hook("second");
  auto other = bench.row("second");
  other.sealed_secret = bench.row("broker").sealed_secret;
  CHECK(open_secret(bench.deps, bench.row("broker")));
  CHECK(fails_with(open_secret(bench.deps, other), Next::Corrupt));
}

TEST_CASE("a webhook is changed with the scope own and listed with the scope read, in its own catalog") {
  Door door;
  const auto owner = door.token("ada", Scope::Own);
  const auto reader = door.token("ben", Scope::Read);
  const auto operates = door.token("eve", Scope::Operate);
  const auto elsewhere = door.token("eli", Scope::Own, "other");
  const std::string one = cat(kWebhooks, "/broker");
  const std::string test = cat(one, "/test");
  for (const auto& token : {reader, operates, elsewhere}) {
    CHECK(door.call(token, "POST", kWebhooks, kOrder).status == 403);
  }
  CHECK(door.call("", "POST", kWebhooks, kOrder).status == 401);
  REQUIRE(door.call(owner, "POST", kWebhooks, kOrder).status == 201);
  for (const auto& token : {reader, operates, elsewhere}) {
    CHECK(door.call(token, "POST", test).status == 403);
    CHECK(door.call(token, "DELETE", one).status == 403);
  }
  CHECK(door.call(reader, "GET", kWebhooks).status == 200);
  CHECK(door.call(reader, "GET", one).status == 200);
  CHECK(door.call(elsewhere, "GET", kWebhooks).status == 403);
  CHECK(door.call("", "GET", one).status == 401);
  CHECK(door.call(owner, "POST", test).status == 202);
  CHECK(door.call(owner, "DELETE", one).status == 200);
  CHECK(door.call(owner, "GET", one).status == 404);
  for (const std::string_view action : {"webhook.created", "webhook.tested", "webhook.deleted"}) {
    CAPTURE(action);
    CHECK(door.bench.audited(action) == 1);
  }
}

TEST_CASE("a webhook to the metadata service of a cloud is refused at the door, and audited") {
  Door door;
  const auto owner = door.token("ada", Scope::Own);
  const auto refused = door.call(
      owner, "POST", kWebhooks,
      R"({"name":"broker","url":"https://169.254.169.254/latest","public_ca":true,"events":["device-held"]})");
  CHECK(refused.status == 403);
  CHECK(*json::parse(refused.body)->find("title")->text() == kWebhookAddressRefused.word());
  CHECK(door.bench.audited("webhook.refused") == 1);
  CHECK(door.bench.audited("webhook.created") == 0);
}

TEST_CASE("nothing is believed by omission: a webhook says which CA, or that it is a public one") {
  Door door;
  const auto owner = door.token("ada", Scope::Own);
  for (const std::string_view body :
       {R"({"name":"broker","url":"https://a.example/","events":["device-held"]})",
        R"({"name":"broker","url":"https://a.example/","public_ca":false,"events":["device-held"]})",
        R"({"name":"broker","url":"https://a.example/","public_ca":true,"ca":"MAA=","events":["device-held"]})",
        R"({"name":"broker","url":"https://a.example/","ca":"MAA=","events":["device-held"]})",
        R"({"name":"broker","url":"https://a.example/","ca":"","events":["device-held"]})",
        R"({"name":"broker","url":"https://a.example/","public_ca":true,"verify":false,"events":["device-held"]})"}) {
    CAPTURE(body);
    CHECK(door.call(owner, "POST", kWebhooks, body).status == 400);
  }
}

TEST_CASE("what is no webhook is refused with its reason") {
  WebhookBench bench;
  CHECK(fails_with(bench.create(order("http://a.example/")), kWebhookUrlMalformed));
  CHECK(fails_with(bench.create(order("https://[::1]/")), kWebhookAddressRefused));
  CHECK(fails_with(bench.create(order("https://a.example/", {})), kWebhookEventUnknown));
  CHECK(fails_with(bench.create(order("https://a.example/", {"test"})), kWebhookEventUnknown));
  CHECK(fails_with(bench.create(order("https://a.example/", {"device-held", "x"})), kWebhookEventUnknown));
  auto named = order("https://a.example/");
  named.name = "A";
  CHECK(fails_with(bench.create(named), kNameMalformed));
  REQUIRE(bench.create(order("https://a.example/")));
  CHECK(fails_with(bench.create(order("https://a.example/")), kAlreadyThere));
}

TEST_CASE("a catalog has a bounded number of webhooks") {
  WebhookBench bench;
  for (std::size_t i = 0; i < kWebhooksPerCatalogMax; ++i) bench.hook(cat("hook-", i));
  CHECK(fails_with(bench.create(order("https://a.example/")), kTooManyWebhooks));
  bench.hook("broker", "https://a.example/", "other");
}

}  // namespace holdfast::service::webhook

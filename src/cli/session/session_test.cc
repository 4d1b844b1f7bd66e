#include "cli/session/session.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "cli/session/owner_link.h"

namespace holdfast::cli {
namespace {

constexpr std::string_view kDigest = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

void check_refused(std::string_view link) {
  const auto parsed = parse_owner_link(link);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().reason == kOwnerLinkMalformed);
  CHECK(parsed.error().message.find("hidden") == std::string::npos);
}

}  // namespace

TEST_CASE("an owner link says where, under which CA, and with which secret") {
  const auto link = parse_owner_link(cat("https://127.0.0.1:8444/owner#ca=", kDigest, "&secret=aB-_9\n"));
  REQUIRE(link);
  CHECK(link->url == "https://127.0.0.1:8444");
  CHECK(link->service_ca_sha256[1] == 0x11);
  CHECK(as_text(link->secret.expose()) == "aB-_9");
  CHECK(parse_owner_link(cat("https://[::1]:8444/owner#ca=", kDigest, "&secret=x")));
}

TEST_CASE("an owner link without TLS, without a CA, or with anything else in it is refused, and its secret not told") {
  check_refused("");
  check_refused(cat("http://127.0.0.1:8444/owner#ca=", kDigest, "&secret=hidden"));
  check_refused("https://127.0.0.1:8444/owner#secret=hidden");
  check_refused("https://127.0.0.1:8444/owner#ca=&secret=hidden");
  check_refused("https://127.0.0.1:8444/owner#ca=00&secret=hidden");
  check_refused(cat("https://127.0.0.1:8444/owner#ca=", kDigest, "&secret="));
  check_refused(cat("https://127.0.0.1:8444/owner#ca=", kDigest, "&secret=hidden\r\nX: y"));
  check_refused(cat("https://127.0.0.1:8444/owner#ca=", kDigest, "&secret=hidden&ca=", kDigest));
  check_refused(cat("https://a@127.0.0.1:8444/owner#ca=", kDigest, "&secret=hidden"));
  check_refused(cat("https:///owner#ca=", kDigest, "&secret=hidden"));
  check_refused(cat("https://127.0.0.1:8444/other/owner#ca=", kDigest, "&secret=hidden"));
  check_refused(cat("https://127.0.0.1:8444/owner?ca=", kDigest, "&secret=hidden"));
}

TEST_CASE("a configuration comes back as it was written") {
  Config config;
  config.url = "https://127.0.0.1:8444";
  config.service_ca_sha256 = Digest256{1, 2, 3};
  config.operator_name = "ada";
  config.token = Secret(as_bytes("hft_abc"));
  config.catalog = "fleet";
  config.catalogs["fleet"].owner_root = Digest256{9};
  config.catalogs["fleet"].audit = trust::audit::Remembered{{"fleet", 7, Digest256{8}}, {4, 5}};
  auto read = parse_config(dump_config(config).expose());
  REQUIRE(read);
  CHECK(read->url == config.url);
  CHECK(read->service_ca_sha256 == config.service_ca_sha256);
  CHECK(read->operator_name == "ada");
  CHECK(read->token.matches(config.token.expose()));
  CHECK(read->catalog == "fleet");
  CHECK(read->catalogs["fleet"].owner_root == Digest256{9});
  REQUIRE(read->catalogs["fleet"].audit);
  CHECK(read->catalogs["fleet"].audit->head == config.catalogs["fleet"].audit->head);
  CHECK(read->catalogs["fleet"].audit->public_key == Blob{4, 5});
}

TEST_CASE("a damaged configuration is refused as damaged") {
  for (const std::string_view text : {"", "{", "[]", "{\"format\":2}", "{\"format\":1,\"url\":\"x\"}"}) {
    const auto read = parse_config(as_bytes(text));
    REQUIRE_FALSE(read);
    CHECK(read.error().reason == kConfigMalformed);
  }
}

TEST_CASE("a name cannot add a segment or a value to an address") {
  CHECK(path_of({"catalogs", "fleet", "devices"}) == "/v1/catalogs/fleet/devices");
  CHECK(path_of({"catalogs", "../x?y=1#z"}) == "/v1/catalogs/..%2Fx%3Fy%3D1%23z");
  CHECK(with_query("/v1/a", {{"after", ""}, {"b", "c&d=e f"}, {"g", "h"}}) == "/v1/a?b=c%26d%3De%20f&g=h");
}

TEST_CASE("a refusal says what the caller can do, in the service's words") {
  const auto refused = accepted({404, to_blob(as_bytes("{\"title\":\"nothing-there\",\"detail\":\"no\\u001b[2J\"}"))});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().next == Next::NotFound);
  CHECK(refused.error().reason == kServiceRefused);
  CHECK(refused.error().message == "no\\x1b[2J [nothing-there]");
  CHECK(accepted({401, {}}).error().next == Next::Denied);
  CHECK(accepted({409, {}}).error().next == Next::Conflict);
  CHECK(accepted({429, {}}).error().next == Next::Exhausted);
  CHECK(accepted({503, {}}).error().next == Next::Retry);
  CHECK(accepted({500, {}}).error().next == Next::Corrupt);
  CHECK(accepted({302, {}}).error().next == Next::Rejected);
}

}  // namespace holdfast::cli

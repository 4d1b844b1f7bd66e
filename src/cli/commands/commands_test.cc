#include <doctest/doctest.h>

#include "base/encoding.h"
#include "cli/memory_world.h"
#include "cli/owner/keys.h"
#include "owner_keys.h"
#include "trust/appraisal/explain.h"
#include "trust/eventlog/writer.h"
#include "trust/update/escrow.h"
#include "trust/x509/authority.h"
#include "wire/claim_ticket.h"

namespace holdfast::cli::commands {
namespace {

using test::CommandLine;
using Request = test::ScriptedService::Request;

constexpr std::string_view kDigest = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const std::string kLink = cat("https://127.0.0.1:8444/owner#ca=", kDigest, "&secret=hidden");

wire::ClaimTicket ticket(std::uint8_t root) {
  wire::ClaimTicket out;
  out.services = {"https://127.0.0.1:8443"};
  out.owner_root = Digest256{root};
  out.secret = Secret(Blob(wire::kClaimSecretBytes, 7));
  out.catalog = "fleet";
  out.product = "gateway";
  out.device_group = "field";
  out.expires = WallTime::from_seconds(1'800'000'000);
  return out;
}

void answer_with_ticket(CommandLine& line, std::uint8_t root) {
  line.service.answers("POST /v1/catalogs/fleet/claims", *json::parse(ticket(root).encode()));
}

void know_root(CommandLine& line, std::uint8_t root) {
  auto config = parse_config(line.files.files.at("config.json").bytes);
  config->catalogs["fleet"].owner_root = Digest256{root};
  line.files.put("config.json", as_text(dump_config(*config).expose()), Access::OwnerOnly);
}

const std::vector<std::string> kClaim = {"claim",          "create", "--product", "gateway",
                                         "--device-group", "field",  "--out",     "t.json"};

}  // namespace

TEST_CASE("login pins the CA that the link names and keeps the token where only its owner can read it") {
  CommandLine line;
  line.service.answers("POST /v1/owner-link", json::Object{{"operator", "ada"}, {"token", "hft_secret"}});
  REQUIRE(line.run({"login", kLink, "--name", "ada"}) == 0);
  REQUIRE(line.service.requests.size() == 1);
  CHECK(to_hex(line.service.requests[0].service_ca_sha256) == kDigest);
  CHECK(line.files.files.at("config.json").access == Access::OwnerOnly);
  CHECK(line.printed.find("hft_secret") == std::string::npos);
  line.service.answers("GET /v1/catalogs", json::Object{{"items", json::Array()}});
  CHECK(line.run({"catalog", "list"}) == 0);
  CHECK(line.service.requests[1].token == "hft_secret");
  CHECK(to_hex(line.service.requests[1].service_ca_sha256) == kDigest);
}

TEST_CASE("login takes the link from a file that others cannot read") {
  CommandLine line;
  line.service.answers("POST /v1/owner-link", json::Object{{"operator", "owner"}, {"token", "hft_secret"}});
  line.files.put("link", kLink, Access::Everyone);
  CHECK(line.run({"login", "--link-file", "link"}) == 5);
  line.files.put("link", kLink + "\n", Access::OwnerOnly);
  CHECK(line.run({"login", "--link-file", "link", kLink}) == 2);
  CHECK(line.run({"login"}) == 2);
  CHECK(line.service.requests.empty());
  CHECK(line.run({"login", "--link-file", "link"}) == 0);
}

TEST_CASE("login does not throw a configuration away, nor spend the link before it knows") {
  CommandLine line;
  line.log_in("fleet");
  const auto before = line.files.text("config.json");
  CHECK(line.run({"login", kLink}) == 6);
  CHECK(line.service.requests.empty());
  CHECK(line.files.text("config.json") == before);
}

TEST_CASE("without a place for the configuration, or without one in it, a command says so") {
  CommandLine line;
  CHECK(line.run({"device", "list", "--catalog", "fleet"}) == 5);
  line.world.config_file.reset();
  CHECK(line.run({"device", "list", "--catalog", "fleet"}) == 2);
  line.world.config_file = "config.json";
  line.log_in("");
  CHECK(line.run({"device", "list"}) == 2);
  CHECK(line.service.requests.empty());
}

TEST_CASE("a configuration that others can read is not used") {
  CommandLine line;
  line.log_in("fleet");
  line.files.files.at("config.json").access = Access::Everyone;
  CHECK(line.run({"device", "list"}) == 5);
  CHECK(line.service.requests.empty());
}

TEST_CASE("a claim ticket goes into a private file and is not printed") {
  CommandLine line;
  line.log_in("fleet");
  know_root(line, 1);
  answer_with_ticket(line, 1);
  REQUIRE(line.run(kClaim) == 0);
  CHECK(line.files.files.at("t.json").access == Access::OwnerOnly);
  CHECK(wire::ClaimTicket::decode(line.files.files.at("t.json").bytes));
  CHECK(line.printed.find(to_base64(Blob(wire::kClaimSecretBytes, 7))) == std::string::npos);
}

TEST_CASE("the passwords of a device's chip go into a private file, and are not printed") {
  CommandLine line;
  line.log_in("fleet");
  REQUIRE(line.run({"release", "make-key", "escrow", "--dir", "owner"}) == 0);
  const auto key = owner::read_key(line.files, "owner/escrow-key-1.pem");
  REQUIRE(key);
  const trust::update::ChipPasswords passwords{Secret(Blob(32, 0xAB)), Secret(Blob(32, 0xCD))};
  const Blob escrow = *trust::update::escrow_passwords(key->public_key(), Blob(48, 5), passwords);
  line.service.answers("GET /v1/catalogs/fleet/devices/hf-1", json::Object{{"escrow", to_base64(escrow)}});
  line.service.answers("GET /v1/catalogs/fleet/devices/hf-2", json::Object{{"escrow", json::Value()}});
  // Sealed to the key before the newest, it opens as well.
  REQUIRE(line.run({"release", "make-key", "escrow", "--dir", "owner"}) == 0);
  REQUIRE(line.run({"device", "passwords", "hf-1", "--dir", "owner", "--out", "p.json"}) == 0);
  CHECK(line.files.files.at("p.json").access == Access::OwnerOnly);
  CHECK(to_text(line.files.files.at("p.json").bytes).find("\"owner\": \"hex:abababab") != std::string::npos);
  CHECK(line.printed.find("abab") == std::string::npos);
  CHECK(line.run({"device", "passwords", "hf-1", "--dir", "owner", "--out", "p.json"}) == 6);
  CHECK(line.run({"device", "passwords", "hf-2", "--dir", "owner", "--out", "q.json"}) == 4);
  REQUIRE(line.run({"release", "make-key", "escrow", "--dir", "other"}) == 0);
  CHECK(line.run({"device", "passwords", "hf-1", "--dir", "other", "--out", "q.json"}) == 4);
}

TEST_CASE("a claim ticket with another owner's root is refused and left in no file") {
  CommandLine line;
  line.log_in("fleet");
  know_root(line, 1);
  answer_with_ticket(line, 2);
  CHECK(line.run(kClaim) == 5);
  CHECK_FALSE(line.files.files.contains("t.json"));
}

TEST_CASE("a new operator's token goes into a configuration of theirs and is not printed") {
  CommandLine line;
  line.log_in("fleet");
  line.service.answers("POST /v1/operators", json::Object{{"operator", "ci"}, {"token", "hft_for_ci"}});
  REQUIRE(line.run({"operator", "add", "ci", "--scope", "read", "--only", "fleet", "--out", "ci.json"}) == 0);
  CHECK(line.files.files.at("ci.json").access == Access::OwnerOnly);
  CHECK(line.printed.find("hft_for_ci") == std::string::npos);
  const auto config = parse_config(line.files.files.at("ci.json").bytes);
  REQUIRE(config);
  CHECK(as_text(config->token.expose()) == "hft_for_ci");
  CHECK(config->catalog == "fleet");
}

TEST_CASE("a POST whose connection is lost is sent again under the same key, and each POST has a key of its own") {
  CommandLine line;
  line.log_in("fleet");
  line.service.answers("POST /v1/catalogs/fleet/products", json::Object{{"name", "meter"}});
  line.service.losses = 2;
  line.pauses = 2;
  REQUIRE(line.run({"product", "create", "meter"}) == 0);
  REQUIRE(line.run({"product", "create", "gauge"}) == 0);
  const auto& asked = line.service.requests;
  REQUIRE(asked.size() == 4);
  CHECK(asked[0].idempotency_key.size() == 32);
  CHECK(asked[1].idempotency_key == asked[0].idempotency_key);
  CHECK(asked[2].idempotency_key == asked[0].idempotency_key);
  CHECK(asked[2].body == asked[0].body);
  CHECK(asked[3].idempotency_key != asked[0].idempotency_key);
}

TEST_CASE("a POST is sent three times at most, and again where the first is still being served") {
  CommandLine line;
  line.log_in("fleet");
  line.service.losses = 9;
  line.pauses = 9;
  CHECK(line.run({"product", "create", "meter"}) != 0);
  CHECK(line.service.requests.size() == 3);
  line.service.losses = 0;
  int served = 0;
  line.service.rows["POST /v1/catalogs/fleet/products"] = [&](const Request&) -> json::Value {
    if (++served == 1) return json::Object{{"refused", 409}, {"reason", "idempotency-key-in-use"}};
    return json::Object{{"name", "meter"}};
  };
  CHECK(line.run({"product", "create", "meter"}) == 0);
  CHECK(served == 2);
}

TEST_CASE("only a POST has a key: what else there is may be sent twice as it is") {
  CommandLine line;
  line.log_in("fleet");
  line.service.losses = 1;
  line.pauses = 9;
  CHECK(line.run({"device", "list"}) != 0);
  REQUIRE(line.service.requests.size() == 1);
  CHECK(line.service.requests[0].idempotency_key.empty());
}

TEST_CASE("everything that a command asks for is one trace, which stands behind what the service could not do") {
  CommandLine line;
  line.log_in("fleet");
  line.service.answers("POST /v1/catalogs/fleet/products", json::Object{{"refused", 500}});
  line.service.losses = 1;
  line.pauses = 1;
  CHECK(line.run({"product", "create", "meter"}) != 0);
  CHECK(line.run({"device", "list"}) != 0);
  const auto& asked = line.service.requests;
  REQUIRE(asked.size() == 3);
  CHECK(asked[0].trace.size() == 32);
  CHECK(asked[1].trace == asked[0].trace);
  CHECK(asked[2].trace != asked[0].trace);
}

TEST_CASE("a list ends at its limit, and its filters are the query's") {
  CommandLine line;
  line.log_in("fleet");
  line.service.answers(
      "GET /v1/catalogs/fleet/claims",
      json::Object{{"items", json::Array{json::Object{{"ticket", "one"}}, json::Object{{"ticket", "two"}},
                                         json::Object{{"ticket", "three"}}}},
                   {"next", "more"}});
  REQUIRE(line.run({"claim", "list", "--limit", "2", "--state", "open", "--device-group", "lab"}) == 0);
  CHECK(line.printed.find("two") != std::string::npos);
  CHECK(line.printed.find("three") == std::string::npos);
  REQUIRE(line.service.requests.size() == 1);
  CHECK(line.service.was_asked("GET /v1/catalogs/fleet/claims?state=open&device_group=lab"));
  line.run({"certificate", "list", "--kind", "client", "--state", "revoked"});
  CHECK(line.service.was_asked("GET /v1/catalogs/fleet/certificates?kind=client&state=revoked"));
  line.run({"certificate", "list", "--device", "hf-1"});
  CHECK(line.service.was_asked("GET /v1/catalogs/fleet/devices/hf-1/certificates"));
}

TEST_CASE("a list follows its pages, and what a device calls itself cannot reach the terminal") {
  CommandLine line;
  line.log_in("fleet");
  line.service.rows["GET /v1/catalogs/fleet/devices"] = [](const Request& request) -> json::Value {
    if (request.line.find("after=hf-1") != std::string::npos) {
      return json::Object{{"items", json::Array{json::Object{{"device", "hf-2"}}}}};
    }
    const json::Array running{json::Object{{"component", "os\x1B[2J"}, {"version", "1.0"}}};
    return json::Object{{"items", json::Array{json::Object{{"device", "hf-1"}, {"running", running}}}},
                        {"next", "hf-1"}};
  };
  REQUIRE(line.run({"device", "list", "--product", "a b"}) == 0);
  CHECK(line.printed.find("os\\x1b[2J 1.0") != std::string::npos);
  CHECK(line.printed.find('\x1B') == std::string::npos);
  CHECK(line.printed.find("hf-2") != std::string::npos);
  CHECK(line.service.was_asked("GET /v1/catalogs/fleet/devices?product=a%20b&after=hf-1"));
  REQUIRE(line.run({"device", "list", "--output", "json"}) == 0);
  CHECK(json::parse(as_bytes(line.printed))->array()->size() == 2);
  CHECK(line.run({"device", "list", "--output", "xml"}) == 2);
}

TEST_CASE("explain tells the failed check first, and what a quote does not say") {
  CommandLine line;
  line.log_in("fleet");
  const auto finding = [](std::string_view check, std::string_view outcome, std::string_view seen) {
    return json::Object{
        {"check", check}, {"outcome", outcome}, {"verdict", "update-only"}, {"expected", "the kernel"}, {"seen", seen}};
  };
  line.service.answers(
      "GET /v1/catalogs/fleet/devices/hf-1/explain",
      json::Object{{"device", "hf-1"},
                   {"at", "2026-01-01T00:00:00Z"},
                   {"policy", "default"},
                   {"policy_version", 1},
                   {"held", true},
                   {"appraisal", json::Object{{"verdict", "update-only"},
                                              {"findings", json::Array{finding("log-parses", "passed", "30 events"),
                                                                       finding("events-known", "failed", "a rootkit")}},
                                              {"images", json::Array()}}}});
  REQUIRE(line.run({"device", "explain", "hf-1"}) == 0);
  CHECK(line.printed.find("a rootkit") < line.printed.find("30 events"));
  CHECK(line.printed.find("A quote says what started, not what has happened since.") != std::string::npos);
  CHECK(line.printed.find("An operator holds this device") != std::string::npos);
}

TEST_CASE("a dry run tells of the devices that the named policy judges, and of no others") {
  CommandLine line;
  line.log_in("fleet");
  const auto group = [](std::string_view name, std::string_view policy) {
    return json::Object{{"product", "gateway"}, {"name", name}, {"policy", policy}};
  };
  const auto device = [](std::string_view id, std::string_view in) {
    return json::Object{{"device", id}, {"product", "gateway"}, {"device_group", in}};
  };
  const auto result = [](std::string_view id) {
    return json::Object{
        {"device", id}, {"now", "healthy"}, {"would_be", "update-only"}, {"why", json::Array{"above-floor"}}};
  };
  line.service.answers("GET /v1/catalogs/fleet/device-groups",
                       json::Object{{"items", json::Array{group("field", "default"), group("lab", "loose")}}});
  line.service.answers("GET /v1/catalogs/fleet/devices",
                       json::Object{{"items", json::Array{device("hf-1", "field"), device("hf-2", "lab")}}});
  line.service.answers("POST /v1/catalogs/fleet/policy-dry-run",
                       json::Object{{"items", json::Array{result("hf-1"), result("hf-2")}}});
  line.files.put("p.json", "{\"version\":1}");
  REQUIRE(line.run({"policy", "dry-run", "default", "p.json"}) == 0);
  CHECK(line.printed.find("hf-1") != std::string::npos);
  CHECK(line.printed.find("hf-2") == std::string::npos);
  CHECK(line.printed.find("1 of 1 devices") != std::string::npos);
  line.files.put("p.json", "{\"version\":1,\"pcrs\":[]}");
  CHECK(line.run({"policy", "dry-run", "default", "p.json"}) == 1);
}

TEST_CASE("reference values are allowed to products and to their groups") {
  CommandLine line;
  line.log_in("fleet");
  line.files.put("set.json",
                 cat("{\"component\":\"os\",\"version\":\"1\",\"security_version\":1,\"events\":[{\"pcr\":4,",
                     "\"digest\":\"", kDigest, "\",\"description\":\"kernel\"}]}"));
  line.service.answers("POST /v1/catalogs/fleet/reference-values", json::Object{{"id", "abc"}});
  line.service.answers("PUT /v1/catalogs/fleet/reference-values/abc/allowed", json::Object{});
  REQUIRE(line.run({"reference-values", "add", "set.json", "--allow", "gateway/field", "--allow", "meter"}) == 0);
  const std::string path = "PUT /v1/catalogs/fleet/reference-values/abc/allowed";
  CHECK(line.service.was_asked(path + "?product=gateway&device_group=field"));
  CHECK(line.service.was_asked(path + "?product=meter"));
}

TEST_CASE("the exit code says what the service refused for") {
  CommandLine line;
  line.log_in("fleet");
  CHECK(line.run({"device", "show", "hf-1"}) == 4);
  for (const auto& [status, code] : std::map<int, int>{{400, 1}, {401, 5}, {403, 5}, {409, 6}, {429, 3}, {503, 3}}) {
    line.service.answers("GET /v1/catalogs/fleet/devices/hf-1", json::Object{{"refused", status}});
    CHECK(line.run({"device", "show", "hf-1"}) == code);
  }
}

TEST_CASE("eventlog exits with 0 for a log that parses and with 2 for any other") {
  CommandLine line;
  trust::eventlog::LogWriter writer;
  writer.append(4, trust::eventlog::kEvSeparator, Blob(4));
  line.files.put("log", as_text(writer.bytes()));
  REQUIRE(line.run({"eventlog", "log"}) == 0);
  CHECK(line.printed.find("EV_SEPARATOR") != std::string::npos);
  REQUIRE(line.run({"eventlog", "log", "--json"}) == 0);
  const auto parsed = json::parse(as_bytes(line.printed));
  REQUIRE(parsed);
  CHECK(parsed->find("events")->array()->size() == 2);
  CHECK(parsed->find("pcrs")->find("sha256")->find("4") != nullptr);
  line.files.put("short", as_text(Bytes(writer.bytes()).first(writer.bytes().size() - 1)));
  CHECK(line.run({"eventlog", "short"}) == 2);
  line.files.put("empty", "");
  CHECK(line.run({"eventlog", "empty"}) == 2);
  CHECK(line.run({"eventlog", "none"}) == 2);
}

TEST_CASE("verify-chain exits with 0 for a certificate that is accepted and with 1 for any other") {
  namespace x509 = trust::x509;
  CommandLine line;
  const WallTime now = line.clock.at;
  const auto signed_by_holder = [](const Result<Blob>& tbs) {
    REQUIRE(tbs);
    return *x509::parse_certificate(
        x509::assemble_certificate(*tbs, *holder(1).sign(trust::crypto::HashAlgorithm::Sha256, *tbs)));
  };
  const auto ca = signed_by_holder(x509::service_ca_to_be_signed({.name = "holdfast",
                                                                  .spki = holder_key(1).spki(),
                                                                  .serial = x509::serial_from({}),
                                                                  .not_before = now,
                                                                  .not_after = now + days(300)}));
  const auto leaf = signed_by_holder(x509::server_to_be_signed({.issuer = ca,
                                                                .dns_names = {"a.example"},
                                                                .addresses = {"10.0.0.1"},
                                                                .spki = holder_key(2).spki(),
                                                                .serial = x509::serial_from({1}),
                                                                .not_before = now,
                                                                .not_after = now + days(200)}));
  line.files.put("ca.pem", x509::to_pem(ca));
  line.files.put("leaf.pem", x509::to_pem(leaf));
  line.files.put("none.pem", "");
  const auto ask = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"verify-chain", "--trusted", "ca.pem"};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back("leaf.pem");
    return line.run(words);
  };
  CHECK(ask({}) == 0);
  CHECK(ask({"--untrusted", "none.pem"}) == 0);
  CHECK(ask({"--host", "a.example", "--depth", "0"}) == 0);
  CHECK(ask({"--ip", "10.0.0.1"}) == 0);
  CHECK(ask({"--time", std::to_string((now + days(100)).whole_seconds())}) == 0);
  CHECK(ask({"--time", std::to_string((now + days(201)).whole_seconds())}) == 1);
  CHECK(ask({"--host", "b.example"}) == 1);
  CHECK(ask({"--ip", "10.0.0.2"}) == 1);
  CHECK(ask({"--purpose", "client"}) == 1);
  CHECK(ask({"--crl", "missing.pem"}) == 1);
  CHECK(line.run({"verify-chain", "--trusted", "leaf.pem", "leaf.pem"}) == 1);
}

}  // namespace holdfast::cli::commands

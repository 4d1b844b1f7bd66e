#include <doctest/doctest.h>

#include "base/encoding.h"
#include "cli/memory_world.h"
#include "owner_keys.h"
#include "trust/x509/authority.h"
#include "trust/x509/authority_check.h"
#include "trust/x509/crl.h"
#include "trust/x509/request.h"

namespace holdfast::cli::commands {
namespace {

namespace x509 = trust::x509;
using test::CommandLine;
using Request = test::ScriptedService::Request;

const std::string kAuthorities = "/v1/catalogs/fleet/authorities";
constexpr const char* kList = "owner/fleet/client-root.crl";

json::Value row(std::string_view authority, int number, std::string_view state) {
  return json::Object{{"authority", authority},
                      {"number", number},
                      {"state", state},
                      {"in_force_at", "2027-01-15T08:15:00Z"},
                      {"last_ends_at", "2027-01-16T08:00:00Z"},
                      {"may_retire", false}};
}

/// An owner, and a service with the client CA `number` prepared, whose answers a test changes.
struct Rotating : CommandLine {
  Rotating() {
    log_in("fleet");
    REQUIRE(run({"owner", "init", "--dir", "owner"}) == 0);
    roots = json::Array{to_base64(files.files.at("owner/1.root.json").bytes)};
    service.rows["GET /v1/catalogs/fleet/owner-documents"] = [this](const Request&) {
      return json::Object{{"roots", roots}, {"trust_policy", json::Value()}};
    };
    service.rows["GET " + kAuthorities] = [this](const Request&) { return json::Object{{"items", there}}; };
    service.rows["POST " + kAuthorities + "/client/prepare"] = [this](const Request&) {
      const Blob part = x509::request_to_be_signed(holder_key(1), "fleet", "client");
      const Blob signature = *holder(1).sign(trust::crypto::HashAlgorithm::Sha256, part);
      return json::Object{{"number", number}, {"request", to_base64(x509::assemble_request(part, signature))}};
    };
    service.rows["PUT " + kAuthorities + "/client/certificate"] = [this](const Request& request) {
      sent = *json::parse(as_bytes(request.body));
      return json::Object{{"number", number}, {"state", "announced"}, {"in_force_at", "2027-01-15T08:15:00Z"}};
    };
  }
  x509::Certificate certificate_sent(std::string_view member) const {
    return *x509::parse_certificate(*from_base64(*sent.find(member)->text()));
  }
  x509::Crl list() const { return x509::read_crls(files.text(kList))->front(); }
  bool says(std::string_view text) const { return printed.find(text) != std::string::npos; }

  json::Array roots;
  json::Array there{row("client", 1, "in-force")};
  int number = 2;
  json::Value sent;
};

}  // namespace

TEST_CASE("rotate certifies the service's next key under the owner's root, and says from when it is in force") {
  Rotating line;
  REQUIRE(line.run({"authority", "rotate", "client", "--owner", "owner", "--announce", "60d"}) == 0);
  CHECK(line.says("the client CA 2 is announced, and in force from 2027-01-15T08:15:00Z"));
  CHECK(*line.sent.find("announce")->text() == "60d");
  CHECK(x509::require_issuing_ca(line.certificate_sent("certificate"), line.certificate_sent("root"),
                                 x509::Authority::Client, "fleet", 2, line.clock.at));
  CHECK_FALSE(line.service.was_asked("POST " + kAuthorities + "/update/prepare"));
}

TEST_CASE("rotate goes on where it was cut off, and does nothing where one is announced already") {
  Rotating line;
  const auto put = line.service.rows.extract("PUT " + kAuthorities + "/client/certificate").mapped();
  CHECK(line.run({"authority", "rotate", "client", "--owner", "owner"}) != 0);
  line.service.rows["PUT " + kAuthorities + "/client/certificate"] = put;
  CHECK(line.run({"authority", "rotate", "client", "--owner", "owner"}) == 0);
  line.there.push_back(row("client", 2, "announced"));
  line.service.requests.clear();
  CHECK(line.run({"authority", "rotate", "client", "--owner", "owner"}) == 0);
  CHECK(line.says("the client CA 2 is announced already"));
  CHECK_FALSE(line.service.was_asked("POST " + kAuthorities + "/client/prepare"));
}

TEST_CASE("a dry run says what would happen and touches nothing") {
  Rotating line;
  const auto files = line.files.files.size();
  REQUIRE(line.run({"authority", "rotate", "both", "--owner", "owner", "--dry-run"}) == 0);
  CHECK(line.says("the client CA 1 would stay"));
  CHECK(line.says("in force at once: there is none"));
  CHECK(line.files.files.size() == files);
  for (const auto& request : line.service.requests) CHECK(request.line.starts_with("GET "));
  CHECK(line.run({"authority", "rotate", "all", "--owner", "owner"}) == 2);
}

TEST_CASE("another owner's folder certifies nothing for this catalog") {
  Rotating line;
  REQUIRE(line.run({"owner", "init", "--dir", "stranger"}) == 0);
  CHECK(line.run({"authority", "rotate", "client", "--owner", "stranger"}) != 0);
  CHECK_FALSE(line.files.files.contains("stranger/fleet/client-root.pem"));
}

TEST_CASE("distrust enters the CA into the root's own list before it asks the service, and every later list names it") {
  Rotating line;
  line.number = 1;
  REQUIRE(line.run({"authority", "rotate", "client", "--owner", "owner"}) == 0);
  const Blob serial = to_blob(line.certificate_sent("certificate").serial());
  CHECK(line.list().size() == 0);
  const std::vector<std::string> words = {"authority", "distrust", "client",   "1",
                                          "--owner",   "owner",    "--reason", "stolen"};
  CHECK(line.run(words) != 0);  // the service is not there
  REQUIRE(line.list().find(serial));
  CHECK(line.list().find(serial)->reason == x509::RevocationReason::CaCompromise);
  int asked = 0;
  line.service.rows["POST " + kAuthorities + "/client/1/distrust"] = [&](const Request& request) {
    CHECK(*json::parse(as_bytes(request.body))->find("reason")->text() == "stolen");
    return json::Object{{"distrusted", 1}, {"superseded", 10}, {"left", ++asked < 3}, {"key_destroyed", true}};
  };
  line.there = {row("client", 1, "distrusted")};
  line.number = 2;
  line.clock.at = line.clock.at + hours(2);
  REQUIRE(line.run(words) == 0);
  CHECK(asked == 3);
  CHECK(line.says("30 certificates"));
  CHECK(line.says(kList));
  CHECK(line.certificate_sent("certificate").subject_common_name() == "fleet client CA 2");
  CHECK(line.list().size() == 1);
  CHECK(line.list().find(serial)->at == line.clock.at - hours(2));
  CHECK(line.list().next_update() == line.certificate_sent("certificate").not_after());
  CHECK(x509::verify_crl(line.list(), line.certificate_sent("root"), line.clock.at));
}

TEST_CASE("a list that somebody put into the owner's folder is not signed again") {
  Rotating line;
  line.number = 1;
  REQUIRE(line.run({"authority", "rotate", "client", "--owner", "owner"}) == 0);
  line.files.put(kList, x509::crl_to_pem(line.list().der()));
  std::string planted = line.files.text(kList);
  planted[planted.size() / 2] = planted[planted.size() / 2] == 'A' ? 'B' : 'A';
  line.files.put(kList, planted);
  CHECK(line.run({"authority", "rotate", "client", "--owner", "owner"}) != 0);
}

TEST_CASE("retire destroys what may be retired, and says until when the rest stays") {
  Rotating line;
  json::Value done = row("client", 1, "overlapping");
  done.set("may_retire", true);
  line.there = {row("client", 3, "in-force"), row("client", 2, "overlapping"), done};
  line.service.answers("POST " + kAuthorities + "/client/1/retire", json::Object{{"retired", 1}});
  REQUIRE(line.run({"authority", "retire", "both"}) == 0);
  CHECK(line.says("the client CA 1 is retired"));
  CHECK(line.says("the client CA 2 stays: what it issued ends at 2027-01-16T08:00:00Z"));
  CHECK_FALSE(line.says("the client CA 3"));
}

}  // namespace holdfast::cli::commands

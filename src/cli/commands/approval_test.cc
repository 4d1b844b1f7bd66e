#include <doctest/doctest.h>

#include "base/encoding.h"
#include "cli/memory_world.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/change_approval.h"

namespace holdfast::cli::commands {
namespace {

namespace tuf = trust::tuf;
using test::CommandLine;
using Request = test::ScriptedService::Request;

const std::string kContent = R"({"two_approvers":false,"signed_policy":false})";
const std::string kDigest = to_hex(trust::crypto::sha256(as_bytes(kContent)));
const std::string kApproval = "/v1/catalogs/fleet/approvals/3";

json::Value change(std::string_view state = "proposed") {
  return json::Object{{"number", 3},
                      {"kind", "approval-rules"},
                      {"subject", "approval rules"},
                      {"state", state},
                      {"needs", json::Array{"second-operator", "release-key"}},
                      {"lets_in", json::Array{"one operator alone may loosen\x1B[2J what is trusted"}},
                      {"content_sha256", kDigest},
                      {"proposed_by", "operator:ada"},
                      {"proposed_at", "2027-01-15T08:00:00Z"},
                      {"expires_at", "2027-01-22T08:00:00Z"},
                      {"decided_by", json::Value()},
                      {"decided_at", json::Value()}};
}

json::Value waits() { return json::Object{{"waits", change()}}; }

/// Logged in to a service in which change 3 waits.
struct Waiting : CommandLine {
  Waiting() {
    log_in("fleet");
    json::Value shown = change();
    shown.set("content", kContent);
    service.answers("GET " + kApproval, shown);
    service.rows["GET /v1/catalogs/fleet/approvals"] = [](const auto& request) -> json::Value {
      const bool all = request.line.find("state=proposed") == std::string::npos;
      return json::Object{{"items", all ? json::Array{change("approved"), change()} : json::Array{change()}}};
    };
    service.answers("POST " + kApproval + "/approve", change("approved"));
    service.answers("POST " + kApproval + "/reject", change("rejected"));
  }
  bool says(std::string_view text) const { return printed.find(text) != std::string::npos; }
  json::Value sent() const { return *json::parse(as_bytes(service.requests.back().body)); }
};

}  // namespace

TEST_CASE("what waits is listed, and what was decided only when asked for") {
  Waiting line;
  REQUIRE(line.run({"approval", "list", "--output", "json"}) == 0);
  CHECK(json::parse(as_bytes(line.printed))->array()->size() == 1);
  REQUIRE(line.run({"approval", "list", "--all"}) == 0);
  CHECK(line.says("approved"));
  CHECK(line.says("second-operator, release-key"));
}

TEST_CASE("a change is shown with what it lets in and its content, and neither can act on a terminal") {
  Waiting line;
  REQUIRE(line.run({"approval", "show", "3"}) == 0);
  CHECK(line.says("one operator alone may loosen\\x1b[2J what is trusted"));
  CHECK(line.says("\"two_approvers\": false"));
  CHECK_FALSE(line.says("\x1B"));
}

TEST_CASE("an approver names the content that they have read") {
  Waiting line;
  CHECK(line.run({"approval", "approve", "3"}) == 2);
  CHECK(line.run({"approval", "approve", "3", kDigest.substr(0, 4)}) == 6);
  CHECK(line.run({"approval", "approve", "3", std::string(64, '0')}) == 6);
  CHECK_FALSE(line.service.was_asked("POST " + kApproval + "/approve"));
  REQUIRE(line.run({"approval", "approve", "3", kDigest.substr(0, 8)}) == 0);
  CHECK(*line.sent().find("content_sha256")->text() == kDigest);
  CHECK(line.sent().find("signed_document") == nullptr);
}

TEST_CASE("a service that shows one content under the digest of another gets no approval of it") {
  Waiting line;
  json::Value shown = change();
  shown.set("content", "{}");
  line.service.answers("GET " + kApproval, shown);
  CHECK(line.run({"approval", "approve", "3", kDigest}) == 6);
  CHECK_FALSE(line.service.was_asked("POST " + kApproval + "/approve"));
}

TEST_CASE("a change is rejected by its number") {
  Waiting line;
  REQUIRE(line.run({"approval", "reject", "3"}) == 0);
  CHECK(line.service.was_asked("POST " + kApproval + "/reject"));
}

TEST_CASE("a change is drafted, signed offline with the owner's keys, and approved with the signature") {
  Waiting line;
  REQUIRE(line.run({"owner", "init", "--dir", "owner", "--keys", "2", "--threshold", "2"}) == 0);
  REQUIRE(line.run({"approval", "draft", "3", "--out", "change-3.json"}) == 0);
  CHECK(line.says("holdfast owner sign change-3.json"));
  CHECK(line.says(kDigest));
  const std::size_t asked = line.service.requests.size();
  REQUIRE(line.run({"owner", "sign", "change-3.json", "--dir", "owner", "--key", "owner/root-key-1.pem"}) == 0);
  CHECK(line.says("1 of 2 signatures by keys of the targets role of root 1"));
  CHECK(line.says("one operator alone may loosen"));
  REQUIRE(line.run({"owner", "sign", "change-3.json", "--dir", "owner", "--key", "owner/root-key-2.pem"}) == 0);
  CHECK(line.service.requests.size() == asked);  // signing needs no service
  REQUIRE(line.run({"approval", "approve", "3", kDigest, "--signed", "change-3.json"}) == 0);
  const Blob root_bytes = line.files.files.at("owner/1.root.json").bytes;
  const auto root = tuf::verify_pinned_root(root_bytes, tuf::root_digest(root_bytes));
  REQUIRE(root);
  const tuf::Change expected{"fleet",
                             3,
                             "approval-rules",
                             "approval rules",
                             trust::crypto::sha256(as_bytes(kContent)),
                             {"one operator alone may loosen\x1B[2J what is trusted"}};
  const auto document = from_base64(*line.sent().find("signed_document")->text());
  REQUIRE(document);
  CHECK(tuf::verify_change_approval(*document, *root, expected, line.clock.at));
}

TEST_CASE("a draft takes the place of no document that holders have signed") {
  Waiting line;
  REQUIRE(line.run({"approval", "draft", "3", "--out", "change-3.json"}) == 0);
  const std::string before = line.files.text("change-3.json");
  line.files.put("change-3.json", before + " ");
  CHECK(line.run({"approval", "draft", "3", "--out", "change-3.json"}) == 6);
  CHECK(line.files.text("change-3.json") == before + " ");
}

TEST_CASE("an approval is signed by no stranger's key and published as no trust policy") {
  Waiting line;
  REQUIRE(line.run({"owner", "init", "--dir", "owner"}) == 0);
  REQUIRE(line.run({"owner", "init", "--dir", "other"}) == 0);
  REQUIRE(line.run({"approval", "draft", "3", "--out", "change-3.json"}) == 0);
  CHECK(line.run({"owner", "sign", "change-3.json", "--dir", "owner", "--key", "other/root-key-1.pem"}) == 5);
  REQUIRE(line.run({"owner", "sign", "change-3.json", "--dir", "owner"}) == 0);
  CHECK(line.run({"owner", "publish", "change-3.json", "--dir", "owner"}) == 1);
  CHECK_FALSE(line.service.was_asked("PUT /v1/catalogs/fleet/trust-policy"));
}

TEST_CASE("each command that loosens says that nothing has changed yet, and what it waits for") {
  Waiting line;
  line.files.put("p.json", "{\"version\":1}");
  line.files.put("keys.csv", cat(kDigest, ",gateway,field\n"));
  line.service.answers("POST /v1/catalogs/fleet/policies/default", waits());
  line.service.answers("PUT /v1/catalogs/fleet/reference-values/abc/allowed", waits());
  line.service.answers("POST /v1/catalogs/fleet/devices/hf-1/baseline", waits());
  line.service.answers("POST /v1/catalogs/fleet/factory-list", waits());
  line.service.answers("PUT /v1/catalogs/fleet/approval-rules", waits());
  const std::vector<std::vector<std::string>> commands = {
      {"policy", "set", "default", "p.json"},
      {"reference-values", "allow", "abc", "--allow", "gateway"},
      {"policy", "baseline", "--device", "hf-1", "--accept"},
      {"claim", "factory-list", "add", "keys.csv"},
      {"catalog", "approval-rules", "fleet", "--two-approvers", "off"}};
  for (std::vector<std::string> words : commands) {
    CAPTURE(words.front());
    REQUIRE(line.run(words) == 0);
    CHECK(line.says("Nothing has changed yet"));
    CHECK(line.says("holdfast approval show 3"));
    CHECK_FALSE(line.says("\x1B"));
    words.insert(words.end(), {"--output", "json"});
    REQUIRE(line.run(words) == 0);
    CHECK(json::parse(as_bytes(line.printed))->find("waits") != nullptr);
  }
}

TEST_CASE("what is in force at once is told as before") {
  Waiting line;
  line.service.answers("PUT /v1/catalogs/fleet/reference-values/abc/allowed", json::Object{{"allowed", true}});
  REQUIRE(line.run({"reference-values", "allow", "abc", "--allow", "gateway"}) == 0);
  CHECK(line.says("may boot it from now on"));
}

TEST_CASE("approval rules are switched on and off, and in no other way") {
  Waiting line;
  line.service.answers("PUT /v1/catalogs/fleet/approval-rules", json::Object{{"signed_policy", true}});
  REQUIRE(line.run({"catalog", "approval-rules", "fleet", "--signed-policy", "on"}) == 0);
  CHECK(line.sent() == json::Value(json::Object{{"signed_policy", true}}));
  const std::size_t asked = line.service.requests.size();
  CHECK(line.run({"catalog", "approval-rules", "fleet", "--signed-policy", "maybe"}) == 2);
  CHECK(line.run({"catalog", "approval-rules", "fleet"}) == 2);
  CHECK(line.service.requests.size() == asked);
}

}  // namespace holdfast::cli::commands

// Approvals as operators meet them: over the management port.
#include "approval_catalog.h"
#include "ports/store/rows/policy.h"
#include "service/access/access.h"
#include "service/gateway/gateway.h"

namespace holdfast::service::approval {
namespace {

const std::string kBase = cat("/v1/catalogs/", kCatalog);

struct Operators : TestCatalog {
  explicit Operators(const ApprovalRules& rules) : TestCatalog(rules) {}

  std::string token(std::string person, Scope scope) {
    return *write([&](ports::Transaction& tx) {
      return access::add_operator(tx, deps, {std::move(person), std::string(kCatalog), scope, {}}, kAda, now);
    });
  }
  Response ask(const std::string& token, std::string_view method, std::string_view path, const json::Value& body = {}) {
    Request request;
    request.method = method;
    const std::size_t mark = path.find('?');
    request.path = cat(kBase, path.substr(0, mark));
    if (mark != std::string_view::npos) request.query = path.substr(mark + 1);
    request.authorization = cat("Bearer ", token);
    request.body = to_blob(as_bytes(body.text() != nullptr ? *body.text() : json::dump(body)));
    return gateway.handle(request, now);
  }
  /// What the answer says waits.
  json::Value waits(const Response& response) {
    CHECK(response.status == 202);
    const auto body = json::parse(response.body);
    REQUIRE(body);
    REQUIRE(body->find("waits") != nullptr);
    return *body->find("waits");
  }
  static std::string reason(const Response& response) {
    const auto body = json::parse(response.body);
    const json::Value* title = body ? body->find("title") : nullptr;
    return title != nullptr && title->text() != nullptr ? *title->text() : std::string();
  }
  Response decide(const std::string& token, const json::Value& waiting, std::string_view verb) {
    const json::Value body = json::Object{{"content_sha256", *waiting.find("content_sha256")}};
    return ask(token, "POST", cat("/approvals/", *waiting.find("number")->integer(), "/", verb), body);
  }

  gateway::Gateway gateway{deps};
  std::string ada = token("ada", Scope::Own);
  std::string ben = token("ben", Scope::Operate);
  std::string reader = token("reader", Scope::Read);
};

json::Value document(std::string_view text) { return *json::parse(as_bytes(text)); }

}  // namespace

TEST_CASE("every route that loosens answers with what waits, and changes nothing") {
  Operators catalog(kTwoApprovers);
  REQUIRE(catalog.ask(catalog.ada, "POST", "/policies/default", document(R"({"version":1,"floor":{"os":2}})")).status ==
          201);
  const Change allow = catalog.allow("1.0");
  const std::string id = to_hex(catalog.rows<ports::ReferenceSetRow>().front().id);
  catalog.attests({{0, "firmware"}});
  const std::string key = cat(to_hex(Digest256{1}), ",gateway,field\n");
  const auto kind = [&](const Response& response) { return *catalog.waits(response).find("kind")->text(); };
  CHECK(kind(catalog.ask(catalog.ada, "POST", "/policies/default", document(R"({"version":1})"))) == "policy");
  CHECK(kind(catalog.ask(catalog.ada, "PUT", cat("/reference-values/", id, "/allowed?product=gateway"))) ==
        "reference-values");
  CHECK(kind(catalog.ask(catalog.ada, "POST", cat("/devices/", kDevice, "/baseline"))) == "baseline");
  CHECK(kind(catalog.ask(catalog.ada, "POST", "/factory-list", json::Value(key))) == "factory-list");
  CHECK(kind(catalog.ask(catalog.ada, "PUT", "/approval-rules", json::Object{{"two_approvers", false}})) ==
        "approval-rules");
  CHECK(catalog.rows<ports::PolicyRow>().size() == 1);
  CHECK(catalog.rows<ports::AllowedReferenceRow>().empty());
  CHECK(catalog.rows<ports::ExpectedKeyRow>().empty());
  CHECK(catalog.rules() == kTwoApprovers);
  const Response list = catalog.ask(catalog.reader, "GET", "/approvals");
  CHECK(json::parse(list.body)->find("items")->array()->size() == 5);
}

TEST_CASE("a second token approves what the first proposed, and a reader's decides nothing") {
  Operators catalog(kTwoApprovers);
  const json::Value key = cat(to_hex(Digest256{1}), ",gateway,field\n");
  const json::Value waiting = catalog.waits(catalog.ask(catalog.ada, "POST", "/factory-list", key));
  CHECK(Operators::reason(catalog.decide(catalog.ada, waiting, "approve")) == kOwnProposal.word());
  CHECK(Operators::reason(catalog.decide(catalog.reader, waiting, "approve")) == kCallerNotAllowed.word());
  CHECK(Operators::reason(catalog.decide(catalog.reader, waiting, "reject")) == kCallerNotAllowed.word());
  CHECK(catalog.rows<ports::ExpectedKeyRow>().empty());
  CHECK(catalog.decide(catalog.ben, waiting, "approve").status == 200);
  CHECK(catalog.rows<ports::ExpectedKeyRow>().size() == 1);
}

TEST_CASE("a signature travels with the approval, and its lack is told with what to do") {
  Operators catalog(kSignedPolicy);
  const json::Value key = cat(to_hex(Digest256{1}), ",gateway,field\n");
  const json::Value waiting = catalog.waits(catalog.ask(catalog.ada, "POST", "/factory-list", key));
  CHECK(Operators::reason(catalog.decide(catalog.ben, waiting, "approve")) == kSignatureNeeded.word());
  const ApprovalRow row = catalog.rows<ApprovalRow>().front();
  const tuf::ChangeApproval approval{
      .change = {row.catalog, row.number, row.kind, row.subject, row.content_sha256, *words_of(row)},
      .expires = row.expires_at};
  const Blob document = tuf::dump_envelope(signed_by(*tuf::make_change_approval(approval), {2, 3}));
  const json::Value body =
      json::Object{{"content_sha256", to_hex(row.content_sha256)}, {"signed_document", to_base64(document)}};
  CHECK(catalog.ask(catalog.ada, "POST", cat("/approvals/", row.number, "/approve"), body).status == 200);
  CHECK(catalog.rows<ports::ExpectedKeyRow>().size() == 1);
}

TEST_CASE("a number that is none, and a change that is not there, are refused") {
  Operators catalog(kTwoApprovers);
  for (const std::string_view number : {"0", "-1", "1x", "99999999999999999999"}) {
    CAPTURE(number);
    CHECK(Operators::reason(catalog.ask(catalog.ada, "GET", cat("/approvals/", number))) == kInputMalformed.word());
  }
  CHECK(catalog.ask(catalog.ada, "GET", "/approvals/1").status == 404);
  CHECK(catalog.ask(catalog.ada, "POST", "/approvals/1/reject").status == 404);
}

}  // namespace holdfast::service::approval

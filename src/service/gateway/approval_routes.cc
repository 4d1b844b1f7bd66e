#include "base/encoding.h"
#include "base/text.h"
#include "service/catalog/catalogs.h"
#include "service/gateway/page.h"
#include "service/gateway/shown.h"
#include "service/gateway/waiting.h"
#include "trust/tuf/envelope.h"

namespace holdfast::service::gateway {
namespace {

using ports::ApprovalRow;
using trust::appraisal::ApprovalRules;

constexpr std::int64_t kApprovalsPageMax = 50;  // each may carry a factory list of a megabyte
constexpr std::string_view kKinds[] = {"policy",       "reference-values", "baseline",
                                       "factory-list", "approval-rules",   "est"};
constexpr std::string_view kStates[] = {"proposed", "approved", "rejected", "expired"};

Result<ApprovalRules> rules_in(const Call& call, ports::Transaction& tx) {
  return catalog::rules_of(TRY(catalog::find_catalog(tx, call.parameter("catalog"))));
}

Result<Response> get_approvals(const Call& call) {
  const auto state = TRY(call.query_word("state", kStates));
  const auto kind = TRY(call.query_word("kind", kKinds));
  const auto fits = [&](const ApprovalRow& row) {
    return (!state || approval::name_of(approval::state_of(row, call.now)) == kStates[*state]) &&
           (!kind || row.kind == kKinds[*kind]);
  };
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    const ApprovalRules rules = TRY(rules_in(call, tx));
    return list_page<ApprovalRow>(
        call, tx, {.prefix = ports::record_of(call.parameter("catalog"))}, fits,
        [&](const ApprovalRow& row) { return to_json(row, rules, call.now); }, kApprovalsPageMax);
  });
}

/// With its content too.
Result<json::Value> whole(const Call& call, ports::Transaction& tx, std::int64_t number) {
  const ApprovalRow row = TRY(approval::find_approval(tx, call.parameter("catalog"), number));
  json::Value out = TRY(to_json(row, TRY(rules_in(call, tx)), call.now));
  out.set("content", row.content);
  return out;
}

Result<Response> get_approval(const Call& call) {
  const std::int64_t number = TRY(call.number());
  return in_read(call, [&](ports::Transaction& tx) -> Result<Response> {
    return object_response(call, TRY(whole(call, tx, number)));
  });
}

Result<Response> post_approve(const Call& call) {
  const std::int64_t number = TRY(call.number());
  const json::Value body = TRY(body_of(call));
  auto fields = TRY(json::Fields::of(body, "approval"));
  approval::Approval given;
  given.content_sha256 = TRY(fields.digest256("content_sha256"));
  if (fields.has("signed_document")) {
    given.signed_document = TRY(fields.base64("signed_document", trust::tuf::kEnvelopeBytesMax));
  }
  TRY(fields.done());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(call.preconditions.require(TRY(whole(call, tx, number))));
    const ApprovalRules rules = TRY(rules_in(call, tx));
    const ApprovalRow row =
        TRY(approval::approve(tx, call.deps, call.parameter("catalog"), number, given, call.caller, call.now));
    return json_response(200, TRY(to_json(row, rules, call.now)));
  });
}

Result<Response> post_reject(const Call& call) {
  const std::int64_t number = TRY(call.number());
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    TRY(call.preconditions.require(TRY(whole(call, tx, number))));
    const ApprovalRules rules = TRY(rules_in(call, tx));
    const ApprovalRow row = TRY(approval::reject(tx, call.parameter("catalog"), number, call.caller, call.now));
    return json_response(200, TRY(to_json(row, rules, call.now)));
  });
}

/// What is not named stays as it is.
Result<Response> put_approval_rules(const Call& call) {
  const json::Value body = TRY(body_of(call));
  return in_write(call, [&](ports::Transaction& tx) -> Result<Response> {
    auto fields = TRY(json::Fields::of(body, "approval rules"));
    const auto row = TRY(catalog::find_catalog(tx, call.parameter("catalog")));
    TRY(call.preconditions.require(shown_catalog(row)));
    ApprovalRules rules = catalog::rules_of(row);
    if (fields.has("two_approvers")) rules.two_approvers = TRY(fields.boolean("two_approvers"));
    if (fields.has("signed_policy")) rules.signed_policy = TRY(fields.boolean("signed_policy"));
    TRY(fields.done());
    auto waits = TRY(submit(call, tx, approval::approval_rules_change(rules)));
    if (waits) return *std::move(waits);
    return json_response(200,
                         json::Object{{"two_approvers", rules.two_approvers}, {"signed_policy", rules.signed_policy}});
  });
}

json::Array needs(const ApprovalRow& row, const ApprovalRules& rules, WallTime now) {
  json::Array out;
  if (approval::state_of(row, now) != ports::ApprovalState::Proposed) return out;
  out.emplace_back(rules.two_approvers ? "second-operator" : "operator");
  if (rules.signed_policy) out.emplace_back("release-key");
  return out;
}

}  // namespace

Result<json::Value> to_json(const ApprovalRow& row, const ApprovalRules& rules, WallTime now) {
  json::Value words = TRY(json::parse(as_bytes(row.lets_in)));
  return json::Object{{"number", row.number},
                      {"kind", row.kind},
                      {"subject", row.subject},
                      {"state", approval::name_of(approval::state_of(row, now))},
                      {"needs", needs(row, rules, now)},
                      {"lets_in", std::move(words)},
                      {"content_sha256", to_hex(row.content_sha256)},
                      {"proposed_by", row.proposed_by},
                      {"proposed_at", to_rfc3339(row.proposed_at)},
                      {"expires_at", to_rfc3339(row.expires_at)},
                      {"decided_by", row.decided_by.empty() ? json::Value() : json::Value(row.decided_by)},
                      {"decided_at", time_or_null(row.decided_at)}};
}

Result<std::optional<Response>> submit(const Call& call, ports::Transaction& tx, const approval::Change& change) {
  const auto row = TRY(approval::submit(tx, call.deps, call.parameter("catalog"), change, call.caller, call.now));
  if (!row) return std::optional<Response>();
  json::Value waits = TRY(to_json(*row, TRY(rules_in(call, tx)), call.now));
  return std::optional(json_response(202, json::Object{{"waits", std::move(waits)}}));
}

const std::vector<Route>& approval_routes() {
  constexpr Port kPort = Port::Management;
  constexpr Admits kBy = Admits::Operator;
  static const std::vector<Route> kRoutes = {
      {kPort, "GET", "/v1/catalogs/{catalog}/approvals", kBy, Scope::Read, get_approvals, "after limit state kind"},
      {kPort, "GET", "/v1/catalogs/{catalog}/approvals/{number}", kBy, Scope::Read, get_approval},
      {kPort, "POST", "/v1/catalogs/{catalog}/approvals/{number}/approve", kBy, Scope::Operate, post_approve},
      {kPort, "POST", "/v1/catalogs/{catalog}/approvals/{number}/reject", kBy, Scope::Operate, post_reject},
      {kPort, "PUT", "/v1/catalogs/{catalog}/approval-rules", kBy, Scope::Own, put_approval_rules},
  };
  return kRoutes;
}

}  // namespace holdfast::service::gateway

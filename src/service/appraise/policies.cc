#include "service/appraise/policies.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "service/audit/audit.h"
#include "service/numbers.h"

namespace holdfast::service::appraise {
namespace {

using ports::PolicyRow;
using ports::Table;
using trust::appraisal::Outcome;
using trust::appraisal::Policy;

Result<std::int64_t> next_version(ports::Transaction& tx, std::string_view catalog, std::string_view name) {
  const ports::Scan scan{.prefix = ports::record_of(catalog, name), .limit = 1, .descending = true};
  const auto rows = TRY(Table<PolicyRow>(tx).scan(scan));
  return next_number(tx, rows.empty() ? Numbered{} : Numbered{rows.front().version, rows.front().created_at});
}

bool is_policy_name(std::string_view name) {
  return !name.empty() && name.size() <= 48 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::vector<std::string> failures(const trust::appraisal::Appraisal& appraisal) {
  std::vector<std::string> out;
  for (const auto& finding : appraisal.findings) {
    if (finding.outcome != Outcome::Failed) continue;
    out.push_back(
        cat(trust::appraisal::name_of(finding.check), ": expected ", finding.expected, ", saw ", finding.seen));
  }
  return out;
}

}  // namespace

Result<Policy> next_policy(ports::Transaction& tx, std::string_view catalog, std::string_view name,
                           const json::Value& document) {
  if (!is_policy_name(name)) {
    return fail(Next::Rejected, kNameMalformed,
                cat("expected a policy's name of 1 to 48 of a-z, 0-9 and hyphens, saw '", printable(name, 60), "'"));
  }
  if (!TRY(Table<ports::CatalogRow>(tx).find(catalog))) {
    return fail(Next::NotFound, kNothingThere, "there is no such catalog");
  }
  Policy policy = TRY(trust::appraisal::policy_from(document));
  policy.version = TRY(next_version(tx, catalog, name));
  return policy;
}

Result<std::vector<trust::appraisal::Loosening>> loosened_by(ports::Transaction& tx, Deps& deps,
                                                             std::string_view catalog, std::string_view name,
                                                             const Policy& policy) {
  const std::int64_t next = TRY(next_version(tx, catalog, name));
  if (policy.version != next) {
    return fail(Next::Conflict, kVersionTaken,
                cat("expected version ", next, " of this policy, saw version ", policy.version));
  }
  return trust::appraisal::loosened(*TRY(policy_in_force(tx, deps, catalog, name)), policy);
}

Result<PolicyRow> set_policy(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::string_view name,
                             const Policy& policy, std::string_view proposed_by, const Caller& by, WallTime now) {
  json::Array loosenings;
  for (const auto& one : TRY(loosened_by(tx, deps, catalog, name, policy))) loosenings.emplace_back(one.words);
  PolicyRow row;
  row.catalog = catalog;
  row.name = name;
  row.version = policy.version;
  row.document = json::dump(trust::appraisal::to_json(policy));
  row.loosenings = json::dump(loosenings);
  row.proposed_by = proposed_by;
  row.decided_by = actor_of(by);
  row.created_at = now;
  TRY(Table<PolicyRow>(tx).insert(row));
  TRY(audit::append(tx,
                    {row.catalog, row.decided_by, "policy.set", row.name,
                     json::Object{{"version", row.version}, {"loosenings", std::move(loosenings)}}},
                    now));
  return row;
}

Result<DryRunPage> dry_run(ports::Transaction& tx, Deps& deps, std::string_view catalog, const Policy& policy,
                           std::string_view after, std::size_t limit) {
  ports::Scan scan{.prefix = ports::record_of(catalog), .limit = std::min(limit, kDryRunPageMax)};
  if (!after.empty()) scan.after = ports::record_of(catalog, after);
  DryRunPage page;
  const auto rows = TRY(Table<ports::EvidenceRow>(tx).scan(scan));
  for (const ports::EvidenceRow& row : rows) {
    const Knowledge knowledge = TRY(know(tx, deps, catalog, row.device));
    const Shown shown = TRY(shown_of(row));
    const auto last_clock = clock_of(row.clock_ms, row.reset_count, row.restart_count);
    const std::array both = {knowledge.policy.get(), &policy};
    const auto judged = TRY(judge_again(shown, knowledge, row.ak_public, both, last_clock));
    const auto& now = judged.front();
    const auto& would_be = judged.back();
    page.results.push_back({row.device, now.verdict, would_be.verdict, failures(would_be)});
  }
  if (rows.size() == scan.limit) page.next = rows.back().device;
  return page;
}

}  // namespace holdfast::service::appraise

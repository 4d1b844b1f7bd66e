#include "service/appraise/policies.h"

#include <algorithm>

#include "base/text.h"
#include "service/audit/audit.h"

namespace holdfast::service::appraise {
namespace {

using ports::PolicyRow;
using ports::PolicyState;
using ports::Table;
using trust::appraisal::Outcome;
using trust::appraisal::Policy;

Result<std::int64_t> newest_version(ports::Transaction& tx, std::string_view catalog, std::string_view name) {
  const ports::Scan scan{.prefix = ports::record_of(catalog, name), .limit = 1, .descending = true};
  const auto rows = TRY(Table<PolicyRow>(tx).scan(scan));
  return rows.empty() ? 0 : rows.front().version;
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

Result<PolicyRow> propose_policy(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::string_view name,
                                 const json::Value& document, const Caller& by, WallTime now) {
  if (!is_policy_name(name)) {
    return fail(Next::Rejected, kNameMalformed,
                cat("expected a policy's name of 1 to 48 of a-z, 0-9 and hyphens, saw '", printable(name, 60), "'"));
  }
  const auto catalog_row = TRY(Table<ports::CatalogRow>(tx).find(catalog));
  if (!catalog_row) return fail(Next::NotFound, kNothingThere, "there is no such catalog");
  Policy policy = TRY(trust::appraisal::policy_from(document));
  policy.version = TRY(newest_version(tx, catalog, name)) + 1;
  const auto in_force = TRY(policy_in_force(tx, deps, catalog, name));
  json::Array loosenings;
  for (const auto& loosening : trust::appraisal::loosened(*in_force, policy)) loosenings.emplace_back(loosening.words);
  const bool waits = catalog_row->two_approvers && !loosenings.empty();
  PolicyRow row;
  row.catalog = catalog;
  row.name = name;
  row.version = policy.version;
  row.state = waits ? PolicyState::Proposed : PolicyState::Approved;
  row.document = json::dump(trust::appraisal::to_json(policy));
  row.loosenings = json::dump(loosenings);
  row.proposed_by = actor_of(by);
  row.decided_by = waits ? "" : actor_of(by);
  row.created_at = now;
  TRY(Table<PolicyRow>(tx).insert(row));
  TRY(audit::append(tx,
                    {row.catalog, row.proposed_by, waits ? "policy.proposed" : "policy.approved", row.name,
                     json::Object{{"version", row.version}, {"loosenings", std::move(loosenings)}}},
                    now));
  return row;
}

Result<PolicyRow> decide_policy(ports::Transaction& tx, std::string_view catalog, std::string_view name,
                                std::int64_t version, bool approve, const Caller& by, WallTime now) {
  Table<PolicyRow> policies(tx);
  auto row = TRY(policies.find(catalog, name, version));
  if (!row) return fail(Next::NotFound, kNothingThere, cat("there is no version ", version, " of this policy"));
  if (row->state != PolicyState::Proposed) {
    return fail(Next::Conflict, kNotProposed, cat("version ", version, " does not wait for a decision"));
  }
  if (approve && row->proposed_by == actor_of(by)) {
    return fail(Next::Denied, kOwnProposal, "expected a second operator, saw the one who proposed it");
  }
  row->state = approve ? PolicyState::Approved : PolicyState::Rejected;
  row->decided_by = actor_of(by);
  TRY(policies.update(*row));
  TRY(audit::append(tx,
                    {row->catalog, row->decided_by, approve ? "policy.approved" : "policy.rejected", row->name,
                     json::Object{{"version", version}}},
                    now));
  return *std::move(row);
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
    const auto judged = [&](const Policy& by) {
      return judge(shown, knowledge, row.ak_public, by, trust::appraisal::Freshness::Replayed, last_clock);
    };
    const auto now = TRY(judged(*knowledge.policy));
    const auto would_be = TRY(judged(policy));
    page.results.push_back({row.device, now.verdict, would_be.verdict, failures(would_be)});
  }
  if (rows.size() == scan.limit) page.next = rows.back().device;
  return page;
}

}  // namespace holdfast::service::appraise

// A change to what a catalog trusts, whatever its kind, as text that can be kept, shown, signed and put in force later:
// the content says everything that takes effect, and its SHA-256 names the change. What it would let in is found by the
// comparisons of trust/appraisal/loosening.h and by nothing that its author says.
#pragma once

#include "service/deps.h"
#include "service/est/settings.h"
#include "service/request.h"
#include "trust/appraisal/loosening.h"
#include "trust/appraisal/policy.h"

namespace holdfast::service::approval {

inline constexpr Reason kChangeUnknown{"change-unknown"};
inline constexpr Reason kBaselineMoved{"baseline-moved"};

enum class ChangeKind { Policy, ReferenceValues, Baseline, FactoryList, ApprovalRules, Est };
std::string_view name_of(ChangeKind kind);
Result<ChangeKind> parse_kind(std::string_view word);
/// What proposing and approving it takes.
Scope scope_of(ChangeKind kind);

struct Change {
  ChangeKind kind;
  std::string subject;  ///< `default 3`, `gateway/field`
  std::string content;  ///< JSON, or the lines of a factory list
};

/// The document as the policy's next version.
Result<Change> policy_change(ports::Transaction& tx, std::string_view catalog, std::string_view name,
                             const json::Value& document);
/// `device_group` empty: every group of the product.
Change reference_values_change(const Digest256& id, std::string_view product, std::string_view device_group);
/// The baseline that the device's last evidence makes.
Result<Change> baseline_change(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::string_view device);
Change factory_list_change(std::string_view csv);
Change approval_rules_change(const trust::appraisal::ApprovalRules& rules);
Change est_change(const est::Settings& settings);

using Words = std::vector<std::string>;

/// What it would let in that is kept out now, at most tuf::kLetsInMax sentences, the last of which stands for those
/// that are left out; empty: it loosens nothing. An error: it cannot be put in force as things are.
Result<Words> lets_in(ports::Transaction& tx, Deps& deps, std::string_view catalog, const Change& change, WallTime now);

/// Puts it in force, audited.
Result<void> apply(ports::Transaction& tx, Deps& deps, std::string_view catalog, const Change& change,
                   std::string_view proposed_by, const Caller& by, WallTime now);

}  // namespace holdfast::service::approval

// Attestation policies of a catalog, in versions, the newest in force. Any version can be tried against the last
// evidence of every device before it is enforced. Whether one that loosens may be set is decided in service/approval.
#pragma once

#include "ports/store/rows/policy.h"
#include "service/appraise/knowledge.h"
#include "trust/appraisal/loosening.h"

namespace holdfast::service::appraise {

inline constexpr Reason kVersionTaken{"version-taken"};

inline constexpr std::size_t kDryRunPageMax = 1000;

/// The document as the policy's next version, which is not stored yet.
Result<trust::appraisal::Policy> next_policy(ports::Transaction& tx, std::string_view catalog, std::string_view name,
                                             const json::Value& document);
/// What this next version would let in, compared with the one in force. Conflict (kVersionTaken) for another version.
Result<std::vector<trust::appraisal::Loosening>> loosened_by(ports::Transaction& tx, Deps& deps,
                                                             std::string_view catalog, std::string_view name,
                                                             const trust::appraisal::Policy& policy);
/// Puts it in force.
Result<ports::PolicyRow> set_policy(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::string_view name,
                                    const trust::appraisal::Policy& policy, std::string_view proposed_by,
                                    const Caller& by, WallTime now);

struct DryRunResult {
  std::string device;
  trust::appraisal::Verdict now;       ///< of the same evidence under the policy in force
  trust::appraisal::Verdict would_be;  ///< under the policy that is tried
  std::vector<std::string> why;        ///< failed checks under the policy that is tried
};

/// One page of devices, in the order of their ids, after `after`; devices without evidence are left out.
struct DryRunPage {
  std::vector<DryRunResult> results;
  std::optional<std::string> next;
};
Result<DryRunPage> dry_run(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                           const trust::appraisal::Policy& policy, std::string_view after, std::size_t limit);

}  // namespace holdfast::service::appraise

// Attestation policies of a catalog, in versions. A version that loosens nothing is in force at once; one that loosens
// is shown for what it is, and waits for a second operator where the catalog says so. Any version can be tried against
// the last evidence of every device before it is enforced.
#pragma once

#include "ports/store/rows/policy.h"
#include "service/appraise/knowledge.h"
#include "trust/appraisal/loosening.h"

namespace holdfast::service::appraise {

inline constexpr Reason kOwnProposal{"own-proposal"};
inline constexpr Reason kNotProposed{"not-proposed"};

inline constexpr std::size_t kDryRunPageMax = 200;

/// Stores the document as the next version and says in which state.
Result<ports::PolicyRow> propose_policy(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                        std::string_view name, const json::Value& document, const Caller& by,
                                        WallTime now);

/// A second operator's word on a proposal; Denied for the one who proposed it.
Result<ports::PolicyRow> decide_policy(ports::Transaction& tx, std::string_view catalog, std::string_view name,
                                       std::int64_t version, bool approve, const Caller& by, WallTime now);

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

// Reference values: added as sets, allowed per device group, withdrawn; and baselines, taken from a golden device for
// the boot events that no release covers. A set's id is the digest of its document, so that the same values are the
// same set. Whether one may be allowed is decided in service/approval.
#pragma once

#include "ports/store/rows/policy.h"
#include "service/appraise/knowledge.h"
#include "trust/appraisal/loosening.h"

namespace holdfast::service::appraise {

inline constexpr Reason kNoEvidence{"no-evidence"};
inline constexpr Reason kTooManySets{"too-many-sets"};

inline constexpr std::string_view kBaselineComponent = "baseline";

Result<ports::ReferenceSetRow> add_reference_set(ports::Transaction& tx, std::string_view catalog,
                                                 const trust::appraisal::ReferenceSet& set, const Caller& by,
                                                 WallTime now);

Digest256 reference_set_id(const trust::appraisal::ReferenceSet& set);

/// What a set would let in there that is kept out now; NotFound where there is no such target.
Result<std::vector<trust::appraisal::Loosening>> loosened_by(ports::Transaction& tx, Deps& deps,
                                                             std::string_view catalog,
                                                             const trust::appraisal::ReferenceSet& set,
                                                             std::string_view product, std::string_view device_group);

/// The set with this id; NotFound.
Result<ports::ReferenceSetRow> find_reference_set(ports::Transaction& tx, std::string_view catalog,
                                                  const Digest256& id);

/// `device_group` empty: every group of the product.
Result<void> allow_reference_set(ports::Transaction& tx, std::string_view catalog, const Digest256& id,
                                 std::string_view product, std::string_view device_group, const Caller& by,
                                 WallTime now);
Result<void> disallow_reference_set(ports::Transaction& tx, std::string_view catalog, const Digest256& id,
                                    std::string_view product, std::string_view device_group, const Caller& by,
                                    WallTime now);

/// What a baseline from this device's last evidence would hold, and how it differs from what is allowed now; NotFound
/// for a device that is not enrolled, and for one that has not attested.
struct BaselineProposal {
  std::string product;
  trust::appraisal::ReferenceSet set;
  std::vector<std::string> unknown_events;  ///< in words; what accepting lets in
};
Result<BaselineProposal> propose_baseline(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                          std::string_view device);

/// Stores it as the product's next baseline and allows it beside those that are there.
Result<ports::ReferenceSetRow> accept_baseline(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                               std::string_view device, const Caller& by, WallTime now);

}  // namespace holdfast::service::appraise

// What a change of trust would let in that was kept out before, in words. The service asks for a second approver, or
// for the release key's signature, where a catalog says so; it asks on the strength of this comparison and not on what
// the operator says about the change.
#pragma once

#include <span>

#include "trust/appraisal/policy.h"

namespace holdfast::trust::appraisal {

enum class LooseningKind {
  FewerPcrs,
  ComponentNotRequired,
  ComponentOptional,
  LowerFloor,
  WithdrawnReturns,
  LongerLife,
  MilderVerdict,
  ReferenceAdded,
  AnchorAdded,
  FewerApprovals,
};
std::string_view name_of(LooseningKind kind);

struct Loosening {
  LooseningKind kind;
  std::string words;  ///< `PCR 7 is no longer judged`
};

/// Empty: `to` lets in nothing that `from` kept out.
std::vector<Loosening> loosened(const Policy& from, const Policy& to);

/// Reference sets (baselines too) allowed to a device group. A set of the same name with other events is another set.
std::vector<Loosening> loosened(std::span<const ReferenceSet* const> from, std::span<const ReferenceSet* const> to);

/// TPM roots, allow-list entries: anything that is accepted by its digest. `what` is the word for one of them.
std::vector<Loosening> loosened(std::string_view what, std::span<const Digest256> from, std::span<const Digest256> to);

/// What a catalog asks for before it loosens anything.
struct ApprovalRules {
  bool two_approvers = false;  ///< a second operator
  bool signed_policy = false;  ///< the release key's signature
  friend bool operator==(const ApprovalRules&, const ApprovalRules&) = default;
};
std::vector<Loosening> loosened(const ApprovalRules& from, const ApprovalRules& to);

}  // namespace holdfast::trust::appraisal

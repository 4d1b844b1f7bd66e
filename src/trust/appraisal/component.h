// The components that a device may consist of, each with the alternatives that it may run: every allowed reference set,
// and absence where the policy permits it. A set that leaves no trace in the judged PCRs is no alternative: nothing
// could tell that it runs.
#pragma once

#include "trust/appraisal/by_pcr.h"
#include "trust/appraisal/evidence.h"
#include "trust/appraisal/policy.h"

namespace holdfast::trust::appraisal {

inline constexpr std::size_t kComponentsMax = 16;
inline constexpr std::size_t kAlternativesMax = 31;  ///< per component, absence not counted

/// A set of alternatives of one component: bit i = alternatives[i].
using AlternativeMask = std::uint32_t;

struct Alternative {
  const ReferenceSet* set = nullptr;  ///< null: the component is absent
  ByPcr<ReferenceEvent> events;       ///< in the judged PCRs
};

struct Component {
  std::string_view name;
  std::vector<Alternative> alternatives;  ///< at most kAlternativesMax and absence; the caller's best guess first

  AlternativeMask all() const { return static_cast<AlternativeMask>((std::uint64_t{1} << alternatives.size()) - 1); }
};

struct Shortfall {
  std::string expected;
  std::string seen;
};

struct Components {
  std::vector<Component> list;
  std::vector<Shortfall> shortfalls;  ///< what makes a match impossible before any event has been looked at
};

Components components_of(const Expectations& expectations, const Policy& policy);

}  // namespace holdfast::trust::appraisal

// Everything that the log so far can mean. A candidate holds, for each component, which of its alternatives fit and how
// many of their events have been seen in the PCR at hand; alternatives with a common beginning are one candidate until
// they part. Private to match.cc.
#pragma once

#include "trust/appraisal/component.h"

namespace holdfast::trust::appraisal {

struct Place {
  AlternativeMask fitting = 0;
  std::uint32_t seen = 0;  ///< events of theirs, in this PCR
  friend auto operator<=>(const Place&, const Place&) = default;
};

/// By component, in the order of the components.
using Candidate = std::array<Place, kComponentsMax>;

class Candidates {
 public:
  /// Every alternative fits, or those of `fitting`.
  explicit Candidates(const std::vector<Component>& components);
  Candidates(const std::vector<Component>& components, const std::vector<AlternativeMask>& fitting);

  /// Drops the candidates that do not continue with this event of `pcr`; false: none is left.
  bool see(unsigned pcr, Bytes digest);
  /// Drops the candidates that expect more events of `pcr`, and starts over for the next PCR; false: none is left.
  bool finish(unsigned pcr);

  /// By component: what fits in some candidate.
  std::vector<AlternativeMask> fitting() const;

 private:
  void keep_distinct();

  const std::vector<Component>* components_;
  std::vector<Candidate> held_;
  std::vector<Candidate> next_;
};

}  // namespace holdfast::trust::appraisal

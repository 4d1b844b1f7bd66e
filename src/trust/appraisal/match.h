// Whether a log is what the allowed reference sets say, event for event. Per PCR, since the order across PCRs is not
// attested, the log must be an order-preserving merge of one reference set of every component, with nothing missing and
// nothing left over; and it must be the same set of a component in every PCR, so that no two versions mix. Components
// may interleave, versions may share their beginnings: everything that still fits is kept (at most kCandidatesMax).
// Where nothing fits any more, the differences against what fits best name the events.
#pragma once

#include "trust/appraisal/difference.h"
#include "trust/eventlog/log.h"

namespace holdfast::trust::appraisal {

inline constexpr std::size_t kCandidatesMax = 256;
inline constexpr std::size_t kDifferencesMax = 32;  ///< told one by one

struct Match {
  std::vector<const ReferenceSet*> sets;  ///< what was measured; all that measure alike
  std::vector<Difference> differences;    ///< none: the log matches
  std::size_t unlisted = 0;               ///< differences beyond those told
  std::size_t events = 0;                 ///< judged
};

Match match_log(const eventlog::Log& log, const std::vector<Component>& components, std::uint32_t pcrs);

/// For a log that cannot be read: PCR values that no reference sets give, each as a difference. Components that share a
/// PCR are tried in their order alone; what is not covered is not trusted.
std::vector<Difference> match_values(const std::vector<Digest256>& values, const std::vector<Component>& components,
                                     std::uint32_t pcrs);

}  // namespace holdfast::trust::appraisal

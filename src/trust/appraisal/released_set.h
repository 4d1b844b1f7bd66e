// The reference values that a release brings (docs/decisions/0017-reference-values-follow-a-deployment.md): what
// attestation is to see of this very version. A release speaks for nothing but itself, so that whoever may release an
// application cannot vouch for another way of booting.
#pragma once

#include "trust/appraisal/reference_set.h"

namespace holdfast::trust::appraisal {

inline constexpr Reason kReferenceValuesUnfit{"reference-values-unfit"};

/// Of the PCRs, the one that tells of components which are started after the operating system.
inline constexpr unsigned kStartedPcr = 12;

/// What is released.
struct Release {
  ImageName name;
  std::int64_t security_version = 0;
  bool is_system = false;  ///< an operating system
};

/// Rejected (kReferenceValuesUnfit) unless they are of this component, version and security version, and for what is no
/// operating system of kStartedPcr alone.
Result<ReferenceSet> parse_released_set(Bytes json_text, const Release& release);

}  // namespace holdfast::trust::appraisal

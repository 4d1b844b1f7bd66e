// What the offline director says to this device on a medium: of the words for it alone, for its group and for
// everybody, the one with the highest version.
#pragma once

#include "ports/medium.h"
#include "trust/tuf/offline_targets.h"

namespace holdfast::device::medium {

inline constexpr Reason kWordMissing{"word-missing"};  ///< nothing on the medium is for this device

struct CarriedWord {
  trust::Verified<trust::tuf::DirectorTargets> targets;
  Blob document;
};

/// One that does not verify makes the medium worth nothing, whatever else is on it.
Result<CarriedWord> newest_word(ports::Medium& medium, const trust::Verified<trust::tuf::TrustPolicy>& policy,
                                const trust::tuf::Recipient& recipient, std::int64_t version_seen);

}  // namespace holdfast::device::medium

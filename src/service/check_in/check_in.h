// The regular sign of life of a device (wire/check_in.h).
#pragma once

#include "service/deps.h"
#include "service/request.h"
#include "wire/check_in.h"

namespace holdfast::service::check_in {

/// A device enters so many forks within a day, and one that it entered before, not at all: what it says costs it
/// nothing, and the log is for everybody. The newest are remembered.
inline constexpr std::size_t kForksEnteredPerDay = 3;
inline constexpr std::size_t kForksRemembered = 8;

/// Records that the device was here and what it says that it runs; tells it to attest when it has booted since its last
/// appraisal. A device that saw an audit head that is no longer in the chain is an alarm in that chain.
Result<wire::CheckInResult> check_in(const wire::CheckInRequest& request, const DeviceCaller& caller, Deps& deps,
                                     WallTime now);

}  // namespace holdfast::service::check_in

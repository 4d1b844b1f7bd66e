// What devices say of their updates in the check-in: kept as they said it last, written only where it is news. What
// they count of each image only rises; saying it again says nothing.
#pragma once

#include "ports/store/rows/update.h"
#include "service/request.h"
#include "wire/check_in.h"

namespace holdfast::service::rollout {

/// Of one device; the version that was heard of first is forgotten first.
inline constexpr std::size_t kCountsKept = 64;

/// Whether any of it was news.
Result<bool> take_report(ports::Transaction& tx, const DeviceCaller& device, const wire::CheckInRequest& request,
                         WallTime now);

}  // namespace holdfast::service::rollout

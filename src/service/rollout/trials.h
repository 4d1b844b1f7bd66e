// The devices of a deployment as its gate sees them. A device is compared with itself: as it was before it was told,
// and since it has the images. Its row says what was counted of it already, so that it counts once.
#pragma once

#include "ports/store/rows/device.h"
#include "service/rollout/deployments.h"
#include "service/rollout/gate.h"
#include "wire/check_in.h"

namespace holdfast::service::rollout {

/// The device was told of a deployment; again: nothing.
Result<void> begin_trial(ports::Transaction& tx, const ports::DeviceRow& device, std::int64_t deployment, WallTime now);

/// What the device says of the deployment in its `direction`; `is_news` as take_report() found it. One that does
/// harm is paused, with the reason.
Result<void> watch_trial(ports::Transaction& tx, const ports::DeviceRow& device, const ports::DirectionRow& direction,
                         const wire::CheckInRequest& request, bool is_news, WallTime now);

inline bool is_wave_due(const ports::DeploymentRow& row, WallTime now) {
  return row.next_wave_at && now >= *row.next_wave_at;
}
/// Opens the next wave of one whose open wave has soaked and does well, unless updates are frozen: at least one device
/// has confirmed it, or it reaches none. Where every device that tried it fell back, it is paused. Returns the
/// deployment as it is now.
Result<ports::DeploymentRow> advance(ports::Transaction& tx, const ports::DeploymentRow& row, WallTime now);

Result<ports::TallyRow> tally_of(ports::Transaction& tx, std::string_view catalog, std::int64_t deployment);
Result<Tally> read_tally(const ports::TallyRow& row);

}  // namespace holdfast::service::rollout

// What one device is to have, and why: the newest deployment of its group that has reached it. The answer follows from
// rows that are few and the same for all its group; only a change of it is written down, since a device must see a
// higher version than before.
#pragma once

#include "ports/store/rows/device.h"
#include "service/rollout/deployments.h"
#include "wire/check_in.h"

namespace holdfast::service::rollout {

struct Choice {
  std::optional<ports::DeploymentRow> deployment;  ///< none: nothing was deployed to it
  std::vector<std::string> why;                    ///< sentences, the newest deployment first
};

Result<Choice> choose(ports::Transaction& tx, const ports::DeviceRow& device, WallTime now);

/// What the device was told last; none: nothing yet.
Result<std::optional<ports::DirectionRow>> direction_of(ports::Transaction& tx, const ports::DeviceRow& device);

/// `before` is direction_of(), `followed` the version that the device says it follows: one behind it, of a store that
/// was restored, would be refused for ever. The version of the director's targets for a device that asks now; 0 where
/// it is to have nothing. Opens what has soaked, and writes down what has changed.
Result<std::int64_t> direct(ports::Transaction& tx, const ports::DeviceRow& device,
                            const std::optional<ports::DirectionRow>& before, std::int64_t followed, WallTime now);

/// Where the device says that it has what it was told of, and is healthy with it, that is noted in `direction`.
Result<void> note_held(ports::Transaction& tx, const ports::DeviceRow& device, ports::DirectionRow& direction,
                       const wire::CheckInRequest& request);

/// The director's targets for a device as they were directed last, signed; NotFound where there are none.
Result<Blob> director_targets(Deps& deps, std::string_view catalog, std::string_view device, WallTime now);

/// Stays with a deployment whatever its group gets, until it is let go.
Result<ports::PinRow> pin(ports::Transaction& tx, std::string_view catalog, std::string_view device,
                          std::int64_t deployment, std::string reason, const Caller& by, WallTime now);
Result<void> unpin(ports::Transaction& tx, std::string_view catalog, std::string_view device, const Caller& by,
                   WallTime now);

}  // namespace holdfast::service::rollout

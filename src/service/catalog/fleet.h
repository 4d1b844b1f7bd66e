// What an operator does to one device: hold it, let it go on, move it to another group.
#pragma once

#include "ports/store/rows/device.h"
#include "service/deps.h"
#include "service/request.h"

namespace holdfast::service::catalog {

inline constexpr Reason kDeviceReleased{"device-released"};

/// A held device keeps its identity and attests, and gets no better than quarantine; its certificates end now. Let go,
/// it is what its next evidence says.
Result<ports::DeviceRow> set_hold(ports::Transaction& tx, ports::DeviceRow device, bool hold, const Caller& by,
                                  WallTime now);

Result<ports::DeviceRow> move_device(ports::Transaction& tx, ports::DeviceRow device, std::string product,
                                     std::string device_group, const Caller& by, WallTime now);

}  // namespace holdfast::service::catalog

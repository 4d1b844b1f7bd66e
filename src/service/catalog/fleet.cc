#include "service/catalog/fleet.h"

#include "base/text.h"
#include "ports/store/rows/catalog.h"
#include "service/audit/audit.h"
#include "service/identity/certificates.h"
#include "service/webhook/outbox.h"

namespace holdfast::service::catalog {

using ports::DeviceRow;
using ports::DeviceState;
using ports::Table;

Result<DeviceRow> set_hold(ports::Transaction& tx, DeviceRow device, bool hold, const Caller& by, WallTime now) {
  const DeviceState wanted = hold ? DeviceState::Held : DeviceState::Enrolled;
  if (device.state == wanted) return device;
  if (device.state == DeviceState::Released) {
    return fail(Next::Conflict, kDeviceReleased, cat(device.device, " was let go; there is nothing to hold"));
  }
  device.state = wanted;
  TRY(Table<DeviceRow>(tx).update(device));
  if (hold) {
    const std::string reason = "an operator holds the device";
    TRY(webhook::publish(tx, {webhook::EventType::DeviceHeld, device.catalog, device.device, {}, reason}, now));
    TRY(identity::supersede(tx, device.catalog, device.device, true, reason, now));
  }
  TRY(audit::append(
      tx, {device.catalog, actor_of(by), hold ? "device.held" : "device.hold-released", device.device, {}}, now));
  return device;
}

Result<DeviceRow> move_device(ports::Transaction& tx, DeviceRow device, std::string product, std::string device_group,
                              const Caller& by, WallTime now) {
  if (!TRY(Table<ports::DeviceGroupRow>(tx).find(device.catalog, product, device_group))) {
    return fail(Next::NotFound, kNothingThere,
                cat("there is no device group '", printable(product, 60), "/", printable(device_group, 60), "'"));
  }
  const std::string from = cat(device.product, "/", device.device_group);
  device.product = std::move(product);
  device.device_group = std::move(device_group);
  TRY(Table<DeviceRow>(tx).update(device));
  TRY(audit::append(tx,
                    {device.catalog, actor_of(by), "device.moved", device.device,
                     json::Object{{"from", from}, {"to", cat(device.product, "/", device.device_group)}}},
                    now));
  return device;
}

}  // namespace holdfast::service::catalog

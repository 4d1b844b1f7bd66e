// How a device is let go (flow 1.6): the owner's statement, verified under the pinned root, and the device's last word
// about it. Nothing is erased here; what comes back is put on disk first, and from then on there is no way back.
#pragma once

#include "device/contact/services.h"
#include "device/record/records.h"

namespace holdfast::device::release {

struct Device {
  const record::Owner& owner;
  const record::Identity& identity;
  const ports::VaultKey& attestation_key;
};

/// Nothing where the service has no statement for this enrolment. The confirmation is signed before it is returned.
Result<std::optional<record::Release>> ask(contact::Services& services, ports::Vault& vault, const Device& device,
                                           WallTime now);

/// Tells the owner's service; also when it has heard before.
Result<void> confirm(contact::Services& services, const record::Release& release);

}  // namespace holdfast::device::release

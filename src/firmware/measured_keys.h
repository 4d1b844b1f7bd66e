// What firmware with Secure Boot leaves in PCR 7 (TCG PC Client Platform Firmware Profile §3.3.4.8, as EDK II does it):
// its keys, a separator, and the certificate by which it started what it started. Known from the keys alone, so that a
// system can be sealed for a device that was never switched on.
#pragma once

#include "firmware/variable_store.h"

namespace holdfast::firmware {

/// Of a firmware that `enroll()` gave these keys; the first of those that are allowed is the one that signed the boot
/// program.
Digest256 measured_keys(const SecureBootKeys& keys, const Guid& owner);

}  // namespace holdfast::firmware

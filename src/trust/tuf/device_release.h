// The owner's word that a device is let go (flow 1.6), signed by the owner's root role. It names the device and the
// attestation key of its present enrolment, so that it lets go once: enrolled anew, a device has another. Members that
// this version does not know are refused.
#pragma once

#include "trust/tuf/root.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kDeviceReleaseMalformed{"device-release-malformed"};
inline constexpr Reason kDeviceReleaseForeign{"device-release-foreign"};  ///< another device, catalog or enrolment

inline constexpr std::size_t kDeviceBytesMax = 63;

struct DeviceRelease {
  std::string catalog;
  std::string device;
  std::int64_t version = 1;     ///< the device's enrolments so far
  Digest256 attestation_key{};  ///< SHA-256 of its TPMT_PUBLIC
  WallTime expires;
  Digest256 signed_digest{};  ///< SHA-256 of the canonical signed part; set by reading
};

/// For this device under this attestation key, unexpired at `now`.
Result<Verified<DeviceRelease>> verify_device_release(Bytes envelope, const Verified<Root>& root,
                                                      std::string_view catalog, std::string_view device,
                                                      const Digest256& attestation_key, WallTime now);

/// What the quote is bound to with which the device confirms: SHA-256("holdfast-release-v1" ‖ signed_digest).
Digest256 release_qualifying_data(const Digest256& signed_digest);

// The owner's side.

/// An unsigned release; refuses what verification would refuse.
Result<Envelope> make_device_release(const DeviceRelease& release);
/// Reads one without trusting it.
Result<DeviceRelease> read_device_release(const Envelope& envelope);

}  // namespace holdfast::trust::tuf

// A device that is let go (flow 1.6). The owner's statement waits here until the device has erased what is the owner's
// and confirmed with its attestation key's last quote; only that closes the record. Its id and floor stay.
#pragma once

#include "ports/store/rows/device.h"
#include "service/deps.h"
#include "service/request.h"
#include "wire/release.h"

namespace holdfast::service::claim {

inline constexpr Reason kReleaseUnknown{"release-unknown"};
inline constexpr Reason kReleaseUnproven{"release-unproven"};

inline constexpr std::size_t kReleaseBytesMax = 16 * 1024;

/// Takes a statement by the owner's root about the device's present enrolment; a newer one replaces it.
Result<ports::ReleaseRow> order_release(ports::Transaction& tx, const ports::DeviceRow& device, Bytes statement,
                                        const Caller& by, WallTime now);

/// The statement that waits for this device.
Result<std::optional<ports::ReleaseRow>> waiting_release(ports::Transaction& tx, const ports::DeviceRow& device,
                                                         WallTime now);

/// For the device, and for anybody: it is signed, and a danger to nobody but the device that it names.
Result<Blob> release_statement(ports::Transaction& tx, std::string_view catalog, std::string_view device, WallTime now);

/// The device's last word. Again is as good as once.
Result<void> confirm_release(const wire::ReleaseConfirmation& confirmation, Deps& deps, WallTime now);

}  // namespace holdfast::service::claim

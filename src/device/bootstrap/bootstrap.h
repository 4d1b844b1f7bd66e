// From a pin to an owner (flow 1.2): fetches the owner's roots and trust policy from whoever has them and believes
// nothing but the signatures: the chain must lead from the pinned root to the newest one, the trust policy must be for
// this catalog, unexpired and not older than the pinned one. A claim ticket for a device that has a root already must
// lead to the same newest root: a pinned device does not change its owner by a ticket. What a medium brings of them is
// taken under the same rules.
#pragma once

#include "device/contact/services.h"
#include "device/record/owner.h"
#include "device/record/ticket.h"
#include "ports/medium.h"

namespace holdfast::device::bootstrap {

inline constexpr Reason kTicketForeign{"ticket-foreign"};  ///< a claim ticket of another owner
inline constexpr Reason kCatalogMalformed{"catalog-malformed"};

/// What time it is, to whom.
struct Judged {
  WallTime now;    ///< what signed documents are judged at: not before the device's time floor
  WallTime clock;  ///< what the device's clock says
  std::string device{};
};

struct Found {
  record::Owner owner;
  Blob root;  ///< the newest, as it was signed
  Blob trust_policy;
  std::optional<WallTime> time_floor{};  ///< the owner takes the device's time floor back to this
};

/// `pinned` or `ticket` is there, or both. What comes back is to be stored as it is. A policy that lowers this device's
/// time floor counts once, in place of a pinned one with a lower number, and is judged at the lowered floor: or what
/// ended in a future that somebody lied could never be mended.
Result<Found> bootstrap(contact::Services& services, const std::optional<record::Owner>& pinned,
                        const std::optional<record::Ticket>& ticket, const Judged& at);

/// Of a medium with a newer trust policy than the pinned one; nothing where it has none. `root` is the kept
/// one.
Result<std::optional<Found>> carried(ports::Medium& medium, const record::Owner& pinned, Bytes root, const Judged& at);

}  // namespace holdfast::device::bootstrap

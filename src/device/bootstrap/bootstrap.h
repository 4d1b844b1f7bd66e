// From a pin to an owner (flow 1.2): fetches the owner's roots and trust policy from whoever has them and believes
// nothing but the signatures: the chain must lead from the pinned root to the newest one, the trust policy must be for
// this catalog, unexpired and not older than the pinned one. A claim ticket for a device that has a root already must
// lead to the same newest root: a pinned device does not change its owner by a ticket.
#pragma once

#include "device/contact/services.h"
#include "device/record/owner.h"
#include "device/record/ticket.h"

namespace holdfast::device::bootstrap {

inline constexpr Reason kTicketForeign{"ticket-foreign"};  ///< a claim ticket of another owner
inline constexpr Reason kCatalogMalformed{"catalog-malformed"};

struct Found {
  record::Owner owner;
  Blob root;  ///< the newest, as it was signed
  Blob trust_policy;
};

/// `pinned` or `ticket` is there, or both. What has ended at `now` is refused. What comes back is to be stored as it
/// is.
Result<Found> bootstrap(contact::Services& services, const std::optional<record::Owner>& pinned,
                        const std::optional<record::Ticket>& ticket, WallTime now);

}  // namespace holdfast::device::bootstrap

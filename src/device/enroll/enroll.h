// Enrolment by credential activation (flow 1.3 and 1.4), from the attestation key on: request, challenge, activation by
// the vault, proof. Nothing is kept on the way: a run that was cut anywhere is run again with the same attestation key,
// which the service answers as it did before. Speaks only to services under the owner's service CA.
#pragma once

#include "device/contact/services.h"
#include "device/record/identity.h"
#include "device/record/keys.h"
#include "device/record/owner.h"
#include "device/record/ticket.h"

namespace holdfast::device::enroll {

inline constexpr Reason kEnrolledAsAnother{"enrolled-as-another"};  ///< the answer is not for this catalog or ticket

/// `ticket` may be missing: then the owner's list has to name the endorsement key.
Result<record::Identity> enroll(contact::Services& services, ports::Vault& vault, const record::Owner& owner,
                                const std::optional<record::Ticket>& ticket, const ports::VaultKey& attestation_key);

}  // namespace holdfast::device::enroll

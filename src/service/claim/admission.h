// Whether a device may begin to enrol, on cheap checks first: the catalog and its ticket before a key is read, the
// owner's list before a signature is verified, the endorsement chain last. The endorsement key is taken from its
// certificate or matched against the list, never believed as sent.
#pragma once

#include "service/deps.h"
#include "service/request.h"
#include "trust/crypto/key.h"
#include "wire/enroll.h"

namespace holdfast::service::claim {

struct Admission {
  trust::crypto::PublicKey endorsement_key;
  Digest256 ek_sha256;
  std::optional<std::string> ticket;  ///< to be consumed
  std::string product;
  std::string device_group;
};

/// What costs two look-ups: the catalog takes devices, and the ticket, where there is one, is of its making.
Result<void> require_invitation(const wire::EnrollRequest& request, Deps& deps);

/// After require_invitation.
Result<Admission> admit(const wire::EnrollRequest& request, Deps& deps, WallTime now);

}  // namespace holdfast::service::claim

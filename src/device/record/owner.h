// Whom this device belongs to, as far as it verified: the pinned root and the trust policy under it. Written before
// anything but the bootstrap has been asked of anybody, and kept when everything else is forgotten. A factory may write
// it with the pin of a root, a catalog and services alone; such a device enrols without a ticket where the owner's list
// names its endorsement key.
#pragma once

#include <optional>

#include "trust/tuf/trust_policy.h"

namespace holdfast::device::record {

struct Owner {
  static constexpr std::string_view kName = "owner";

  Digest256 root{};  ///< SHA-256 of the newest root metadata that was verified
  std::string catalog;
  std::vector<std::string> services;  ///< in the order to try
  Blob service_ca;                    ///< DER; empty: no trust policy has been verified yet
  trust::tuf::TrustPolicyPin trust_policy;
  std::optional<Digest256> ticket;  ///< the ticket under which this was last verified

  static Result<Owner> decode(Bytes record);
  Blob encode() const;
};

}  // namespace holdfast::device::record

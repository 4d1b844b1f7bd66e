// A device's last word to the owner who let it go (flow 1.6): a quote by the attestation key that it then gives up.
#pragma once

#include "wire/message.h"

namespace holdfast::wire {

/// POST /v1/release/confirm
struct ReleaseConfirmation {
  std::string catalog;
  std::string device;
  Digest256 statement{};  ///< of the owner's statement: trust::tuf::DeviceRelease::signed_digest
  Blob quote;             ///< TPMS_ATTEST, with trust::tuf::release_qualifying_data() of the statement
  Blob signature;         ///< TPMT_SIGNATURE

  static Result<ReleaseConfirmation> decode(Bytes body);
  Blob encode() const;
};

}  // namespace holdfast::wire

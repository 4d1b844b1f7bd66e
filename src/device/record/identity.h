// Who this device is to its service. Written once the service has accepted the proof of enrolment, and good only
// together with the attestation key that was enrolled.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::device::record {

struct Identity {
  static constexpr std::string_view kName = "identity";

  std::string device;
  std::string catalog;
  std::string product;
  std::string device_group;
  std::optional<Digest256> ticket;  ///< the claim ticket that was used up

  static Result<Identity> decode(Bytes record);
  Blob encode() const;
};

}  // namespace holdfast::device::record

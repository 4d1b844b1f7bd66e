// That this device was let go, from the moment at which that is certain until it belongs to somebody again. Everything
// else goes while this is there; the owner's service is told until it has heard.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace holdfast::device::record {

struct Release {
  static constexpr std::string_view kName = "release";

  Blob confirmation;                    ///< wire::ReleaseConfirmation, signed by the attestation key that is gone
  std::vector<std::string> services;    ///< who is to hear it
  Blob service_ca;                      ///< DER
  WallTime expires;                     ///< of the owner's statement: nobody is told after that
  Digest256 attestation_key{};          ///< SHA-256 of the TPMT_PUBLIC that was let go
  std::optional<Digest256> old_ticket;  ///< the claim ticket of before, which may still lie there
  bool is_told = false;

  static Result<Release> decode(Bytes record);
  Blob encode() const;
};

}  // namespace holdfast::device::record

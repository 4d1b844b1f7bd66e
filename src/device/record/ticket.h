// The claim ticket that this device was given and has not used yet. It holds a secret: the record is erased as soon as
// the device is enrolled, and other records know the ticket by its digest alone.
#pragma once

#include "wire/claim_ticket.h"

namespace holdfast::device::record {

struct Ticket {
  static constexpr std::string_view kName = "claim-ticket";

  wire::ClaimTicket ticket;
  Digest256 digest{};  ///< SHA-256 of the file as it was given

  static Result<Ticket> decode(Bytes file);
  Blob encode() const { return to_blob(file.expose()); }

  Secret file;
};

}  // namespace holdfast::device::record

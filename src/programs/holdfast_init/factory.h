// What a device was given where it was made: the partition `factory`, a JSON object and zeros behind it. Nothing of it
// is trusted: a ticket works once, for who made the owner's root that it names.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "ports/network/network_settings.h"

namespace holdfast::programs::init {

inline constexpr Reason kFactoryMalformed{"factory-malformed"};
inline constexpr std::size_t kFactoryBytesMax = 64 * 1024;

struct Factory {
  Blob ticket;                     ///< a claim ticket, as text; may be empty
  ports::NetworkSettings network;  ///< in force for as long as the owner says nothing
  std::string problem;             ///< with the network, which then says nothing; the ticket counts all the same
};

/// {"ticket"?: {…}, "network"?: {…}}; a partition of zeros says nothing.
Result<Factory> parse_factory(Bytes partition);

}  // namespace holdfast::programs::init

// Which old bytes the new ones come from: exact matches of the longest kind, grown both ways over bytes that differ as
// long as more than half of them are equal. An alignment is left only for one that is clearly better.
#pragma once

#include <vector>

#include "delta/format/record.h"

namespace holdfast::delta::make {

/// How many bytes more must be equal for another alignment to be taken.
inline constexpr std::size_t kRestless = 8;    ///< fits small things in no order
inline constexpr std::size_t kSteadfast = 16;  ///< fits code, which stays in order

/// In the order of the new bytes, none over another, none empty. At most 2 GiB of either.
std::vector<format::Match> find_matches(Bytes old_bytes, Bytes new_bytes, std::size_t worth_it = kRestless);

}  // namespace holdfast::delta::make

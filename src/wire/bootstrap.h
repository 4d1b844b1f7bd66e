// GET /v1/bootstrap/{catalog}: what a device verifies before it says anything about itself. Both documents are signed
// by the owner and carried as the exact bytes that were signed for.
#pragma once

#include "wire/message.h"

namespace holdfast::wire {

inline constexpr std::size_t kRootChainMax = 256;
inline constexpr std::size_t kOwnerDocumentBytesMax = 256 * 1024;

struct Bootstrap {
  std::vector<Blob> root_chain;  ///< root metadata 1, 2, … n, each an envelope as published
  Blob trust_policy;             ///< an envelope

  static Result<Bootstrap> decode(Bytes body);
  Blob encode() const;
};

}  // namespace holdfast::wire

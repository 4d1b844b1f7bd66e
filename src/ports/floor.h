// The lowest security version of each component that this device may run, where a thief of its disk cannot lower it: in
// the vault. It only ever rises.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace holdfast::ports {

/// What a vault asks for: an owner's word that the floor may be laid at, or raised to, a security version. Trust made
/// it (trust/update/floor_word.h); a vault verifies it.
struct FloorWord {
  Blob authority;  ///< SubjectPublicKeyInfo, DER, of a P-256 key
  Blob lay;        ///< ECDSA-SHA256, DER
  Blob raise;
};

struct FloorFacts {
  std::int64_t lowest = 0;  ///< what is known of it; 0 where it was never raised
  std::int64_t held = 0;    ///< of that, what no thief of the disk can lower
  bool is_missing = false;  ///< it was higher, or cannot be read: such a device only updates
};

class Floor {
 public:
  virtual ~Floor() = default;
  virtual Result<FloorFacts> read(std::string_view component) = 0;
  /// Durable when it returns; one that is there already or higher stays, one that is missing is laid anew. Without a
  /// word, one that a thief of the disk can lower is all that rises.
  virtual Result<void> raise(std::string_view component, std::int64_t security_version, const FloorWord* word) = 0;
};

}  // namespace holdfast::ports

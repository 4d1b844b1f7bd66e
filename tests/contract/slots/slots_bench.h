// The slots that a contract's test runs against: one component `app` that restarts in place and one `os`
// that needs a boot, each with an image in place A.
#pragma once

#include <memory>

#include "ports/slots.h"

namespace holdfast::tests {

inline constexpr std::int64_t kBenchCapacity = 1024 * 1024;
inline const Blob kBenchImage = {'o', 'n', 'e'};

class SlotsBench {
 public:
  virtual ~SlotsBench() = default;
  virtual ports::Slots& slots() = 0;
  /// The device starts: the power goes and comes back.
  virtual void boot() = 0;
};

std::unique_ptr<SlotsBench> new_slots();

}  // namespace holdfast::tests

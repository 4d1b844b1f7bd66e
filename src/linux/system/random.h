// The kernel's CSPRNG through getrandom(2), which blocks until it has been seeded and then never fails.
#pragma once

#include "ports/random.h"

namespace holdfast::linux::system {

class SystemRandom final : public ports::Random {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace holdfast::linux::system

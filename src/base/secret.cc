#include "base/secret.h"

namespace holdfast {

void wipe(std::span<std::uint8_t> memory) {
  volatile std::uint8_t* at = memory.data();
  for (std::size_t i = 0; i < memory.size(); ++i) at[i] = 0;
}

}  // namespace holdfast

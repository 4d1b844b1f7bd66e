// A device's last word, from anybody: whatever is read can be written again and says the same.
#include <cstdint>

#include "base/check.h"
#include "wire/release.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto said = wire::ReleaseConfirmation::decode(Bytes(data, size));
  if (!said) return 0;
  const auto again = wire::ReleaseConfirmation::decode(said->encode());
  CHECK_INVARIANT(again && again->device == said->device && again->statement == said->statement &&
                  again->quote == said->quote && again->signature == said->signature);
  return 0;
}

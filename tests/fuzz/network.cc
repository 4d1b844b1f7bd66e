// Network settings, from a factory's partition or an owner's signed settings: what is read is read again as it is
// written.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "ports/network/network_settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto read = ports::parse_network(Bytes(data, size));
  if (!read) return 0;
  const std::string text = ports::to_json(*read);
  if (text.size() > ports::kNetworkBytesMax) return 0;
  const auto again = ports::parse_network(as_bytes(text));
  CHECK_INVARIANT(again && *again == *read);
  return 0;
}

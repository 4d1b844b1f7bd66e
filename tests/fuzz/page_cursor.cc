// What a client sends as `after` of a list: whatever is read as a place can be written again and is the same place.
#include <cstdint>

#include "base/check.h"
#include "service/gateway/page.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto place = service::gateway::parse_cursor(as_text(Bytes(data, size)));
  if (!place) return 0;
  const auto again = service::gateway::parse_cursor(service::gateway::cursor_text(*place));
  CHECK_INVARIANT(again && *again == *place);
  return 0;
}

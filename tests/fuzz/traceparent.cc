// The header by which a stranger names a piece of work: whatever is taken from it is 32 hexadecimal digits.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "wire/trace.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto trace = wire::trace_of(as_text(Bytes(data, size)));
  if (!trace) return 0;
  CHECK_INVARIANT(trace->size() == 32 && trace->find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK_INVARIANT(wire::trace_of(wire::traceparent(*trace)) == trace || trace->substr(16) == std::string(16, '0'));
  return 0;
}

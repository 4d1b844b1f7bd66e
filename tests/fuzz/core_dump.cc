// The core of a process that may be hostile: what is kept of it is a core again, of which all is kept.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "linux/crash/core_dump.h"

namespace {

holdfast::Result<holdfast::Blob> reduce(holdfast::Bytes core) {
  std::size_t at = 0;
  return holdfast::linux::crash::reduce_core([&](std::span<std::uint8_t> into) -> holdfast::Result<std::size_t> {
    const std::size_t some = std::min(into.size(), core.size() - at);
    std::ranges::copy(core.subspan(at, some), into.begin());
    at += some;
    return some;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto once = reduce({data, size});
  if (once) CHECK_INVARIANT(reduce(*once).has_value());
  return 0;
}

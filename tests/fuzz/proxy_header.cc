// What somebody says who may be a proxy: the first byte says in what pieces it comes. It is read to its end and no
// further, in any pieces alike.
#include <algorithm>
#include <cstdint>

#include "base/check.h"
#include "linux/http/proxy_header.h"

namespace {

using namespace holdfast;
using linux::http::ProxyHeader;

struct Read {
  bool is_whole = false;
  std::size_t used = 0;
  std::string client;
  friend bool operator==(const Read&, const Read&) = default;
};

Read read(Bytes input, std::size_t step) {
  ProxyHeader header;
  Read out;
  while (header.missing() > 0 && out.used < input.size()) {
    const std::size_t size = std::min({header.missing(), step, input.size() - out.used});
    if (!header.feed(input.subspan(out.used, size))) return {};
    out.used += size;
    CHECK_INVARIANT(out.used <= linux::http::kProxyHeaderBytesMax);
  }
  out.is_whole = header.missing() == 0;
  if (out.is_whole && header.client()) out.client = header.client()->address;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Bytes input(data + 1, size - 1);
  CHECK_INVARIANT(read(input, input.size()) == read(input, std::size_t{data[0]} + 1));
  return 0;
}

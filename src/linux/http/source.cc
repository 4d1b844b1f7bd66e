#include "linux/http/source.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/check.h"

namespace holdfast::linux::http {
namespace {

constexpr ByteArray<12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t kIpv6NetworkBytes = 8;

}  // namespace

Source source_of(Bytes address) {
  CHECK_INVARIANT(address.size() == 4 || address.size() == 16);
  if (address.size() == 16 && equal(address.first(kMappedPrefix.size()), kMappedPrefix)) address = address.last(4);
  const bool is_ipv4 = address.size() == 4;
  Source source{};
  char text[INET6_ADDRSTRLEN];
  CHECK_INVARIANT(inet_ntop(is_ipv4 ? AF_INET : AF_INET6, address.data(), text, sizeof text) != nullptr);
  source.address = text;
  if (is_ipv4) std::ranges::copy(kMappedPrefix, source.ip.bytes.begin());
  std::ranges::copy(address, source.ip.bytes.end() - static_cast<std::ptrdiff_t>(address.size()));
  source.network[0] = is_ipv4 ? 4 : 6;
  std::ranges::copy(address.first(is_ipv4 ? 4 : kIpv6NetworkBytes), source.network.begin() + 1);
  return source;
}

/// FNV-1a, seeded by nothing: whoever owns enough networks to make them collide has enough to do without that.
std::size_t NetworkHash::operator()(const ByteArray<9>& network) const {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const std::uint8_t byte : network) hash = (hash ^ byte) * 0x100000001B3;
  return hash;
}

}  // namespace holdfast::linux::http

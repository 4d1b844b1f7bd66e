#include "linux/http/proxy_header.h"

#include "base/byte_io.h"
#include "base/check.h"
#include "base/text.h"

namespace holdfast::linux::http {
namespace {

constexpr ByteArray<12> kSignature = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
constexpr std::size_t kFixedBytes = 16;
constexpr std::uint8_t kLocal = 0x20;  ///< version 2 in the high half, the command in the low one
constexpr std::uint8_t kProxy = 0x21;
constexpr std::uint8_t kTcpOverIpv4 = 0x11;
constexpr std::uint8_t kTcpOverIpv6 = 0x21;

/// Of one address; 0 for a transport that we do not take.
std::size_t address_bytes(std::uint8_t transport) {
  switch (transport) {
    case kTcpOverIpv4: return 4;
    case kTcpOverIpv6: return 16;
    default: return 0;
  }
}

std::unexpected<Error> malformed(std::string_view expected, unsigned seen) {
  return fail(Next::Rejected, kProxyHeaderMalformed,
              cat("expected ", expected, " in a PROXY header of version 2, saw ", seen));
}

}  // namespace

std::size_t ProxyHeader::missing() const { return (size_ == 0 ? kFixedBytes : size_) - bytes_.size(); }

Result<void> ProxyHeader::feed(Bytes bytes) {
  CHECK_INVARIANT(bytes.size() <= missing());
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  if (size_ == 0 && missing() == 0) TRY(read_fixed_part());
  if (size_ != 0 && missing() == 0) TRY(read_addresses());
  return {};
}

Result<void> ProxyHeader::read_fixed_part() {
  if (!equal(Bytes(bytes_).first(kSignature.size()), kSignature)) {
    return fail(Next::Rejected, kProxyHeaderMalformed,
                "expected a PROXY header of version 2 from a listed proxy, saw other bytes");
  }
  ByteReader reader(Bytes(bytes_).subspan(kSignature.size()), Endian::Big, "PROXY header");
  const std::uint8_t command = TRY(reader.u8());
  TRY(reader.u8());
  if (command != kLocal && command != kProxy) return malformed("command LOCAL or PROXY", command);
  const std::size_t rest = TRY(reader.u16());
  if (kFixedBytes + rest > kProxyHeaderBytesMax) {
    return malformed(cat("at most ", kProxyHeaderBytesMax - kFixedBytes, " bytes"), static_cast<unsigned>(rest));
  }
  size_ = kFixedBytes + rest;
  return {};
}

Result<void> ProxyHeader::read_addresses() {
  ByteReader reader(Bytes(bytes_).subspan(kSignature.size()), Endian::Big, "PROXY header");
  const std::uint8_t command = TRY(reader.u8());
  const std::uint8_t transport = TRY(reader.u8());
  TRY(reader.u16());
  if (command == kLocal) return {};
  const std::size_t size = address_bytes(transport);
  if (size == 0) return malformed("TCP over IPv4 or IPv6", transport);
  client_ = source_of(TRY(reader.take(size)));
  TRY(reader.take(size));   // the address that was connected to
  TRY(reader.take(2 * 2));  // the ports; what follows is extensions, which say nothing that we need
  return {};
}

}  // namespace holdfast::linux::http

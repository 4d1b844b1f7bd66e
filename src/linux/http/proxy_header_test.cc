#include "linux/http/proxy_header.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/encoding.h"
#include "fails_with.h"

namespace holdfast::linux::http {
namespace {

constexpr std::string_view kSignature = "0d0a0d0a000d0a515549540a";

Blob header(std::string_view rest) { return *from_hex(std::string(kSignature).append(rest)); }

/// Feeds what is asked for, `step` bytes at most at once.
Result<ProxyHeader> read(Bytes bytes, std::size_t step = 1'000) {
  ProxyHeader out;
  for (std::size_t at = 0; out.missing() > 0 && at < bytes.size();) {
    const std::size_t size = std::min({out.missing(), step, bytes.size() - at});
    TRY(out.feed(bytes.subspan(at, size)));
    at += size;
  }
  return out;
}

TEST_CASE("the client's address is what the proxy says, IPv4 and IPv6, in whatever pieces it comes") {
  const Blob ipv4 = header("2111000cc0000201c6336401c35001bb");
  const Blob ipv6 = header(
      "21210024"
      "20010db8000000000000000000000001"
      "20010db8000000000000000000000002"
      "c35001bb");
  for (const std::size_t step : {1U, 5U, 1'000U}) {
    CHECK(read(ipv4, step)->client()->address == "192.0.2.1");
    CHECK(read(ipv6, step)->client()->address == "2001:db8::1");
  }
}

TEST_CASE("bytes behind the header are left alone, extensions within it are skipped") {
  Blob bytes = header("21110010c0000201c6336401c35001bb04000100");
  const std::size_t size = bytes.size();
  bytes.push_back(0x16);  // a TLS record
  ProxyHeader seen;
  REQUIRE(seen.feed(Bytes(bytes).first(16)));
  CHECK(seen.missing() == size - 16);
  REQUIRE(seen.feed(Bytes(bytes).subspan(16, size - 16)));
  CHECK(seen.missing() == 0);
  CHECK(seen.client()->address == "192.0.2.1");
}

TEST_CASE("a proxy that speaks for itself names no client") {
  const auto seen = read(header("20000000"));
  REQUIRE(seen);
  CHECK(seen->missing() == 0);
  CHECK_FALSE(seen->client());
}

TEST_CASE("what is no PROXY header of version 2 for TCP over IP is refused") {
  const Blob version_1(16, 'P');
  CHECK(fails_with(read(version_1), kProxyHeaderMalformed));
  CHECK(fails_with(read(header("1111000cc0000201c6336401c35001bb")), kProxyHeaderMalformed));  // version 1
  CHECK(fails_with(read(header("2211000cc0000201c6336401c35001bb")), kProxyHeaderMalformed));  // command 2
  CHECK(fails_with(read(header("2112000cc0000201c6336401c35001bb")), kProxyHeaderMalformed));  // UDP
  CHECK(fails_with(read(header("2131000cc0000201c6336401c35001bb")), kProxyHeaderMalformed));  // a socket's path
  CHECK(fails_with(read(header("21110209")), kProxyHeaderMalformed));                          // too long
  CHECK_FALSE(read(header("2111000bc0000201c6336401c35001")));                                 // too short
}

}  // namespace
}  // namespace holdfast::linux::http

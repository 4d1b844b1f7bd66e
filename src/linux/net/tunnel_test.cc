#include "linux/net/tunnel.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include "fails_with.h"
#include "linux/system/clock.h"
#include "ports/net.h"

namespace holdfast::linux::net {
namespace {

/// A proxy that has already said what it says.
struct Proxy {
  system::Descriptor ours;
  system::Descriptor theirs;
  system::SystemClock clock;

  explicit Proxy(std::string_view says) {
    int both[2] = {-1, -1};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, both) == 0);
    ours = system::Descriptor(both[0]);
    theirs = system::Descriptor(both[1]);
    REQUIRE(::send(theirs.number(), says.data(), says.size(), 0) == std::ssize(says));
  }
  Result<void> open(std::string_view service = "https://service.example") {
    ServiceAddress address = *parse_service(service);
    address.proxy = ports::NetworkProxy{"proxy.example", 3128};
    return open_tunnel(ours, address, clock, Duration(50));
  }
  static std::string take(const system::Descriptor& from) {
    std::string out(1000, ' ');
    const ssize_t got = ::recv(from.number(), out.data(), out.size(), MSG_DONTWAIT);
    out.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return out;
  }
};

}  // namespace

TEST_CASE("a way through a proxy is asked for by name and port, and begins behind the answer's head") {
  Proxy proxy("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n\x16\x03\x01");
  REQUIRE(proxy.open());
  CHECK(Proxy::take(proxy.theirs) == "CONNECT service.example:443 HTTP/1.1\r\nHost: service.example:443\r\n\r\n");
  CHECK(Proxy::take(proxy.ours) == "\x16\x03\x01");
  Proxy other("HTTP/1.0 200 OK\r\n\r\n");
  REQUIRE(other.open("https://[2001:db8::1]:8443"));
  CHECK(Proxy::take(other.theirs).starts_with("CONNECT [2001:db8::1]:8443 HTTP/1.1\r\n"));
}

TEST_CASE("a proxy that refuses, is none, or says nothing, is told as what it is") {
  const auto refused = Proxy("HTTP/1.1 403 Forbidden\r\n\r\n").open();
  CHECK(fails_with(refused, ports::kNetUnreachable));
  CHECK(refused.error().message.find("403 Forbidden") != std::string::npos);
  CHECK(fails_with(Proxy("SSH-2.0-x\r\n\r\n").open(), ports::kNetUnreachable));
  CHECK(fails_with(Proxy("HTTP/1.1 2\r\n\r\n").open(), ports::kNetUnreachable));
  CHECK(fails_with(Proxy(std::string(kTunnelAnswerBytesMax + 1, 'x')).open(), ports::kNetUnreachable));
  CHECK(fails_with(Proxy("HTTP/1.1 200 OK\r\n").open(), ports::kNetTimeout));
  Proxy ended("");
  ended.theirs = system::Descriptor();
  CHECK(fails_with(ended.open(), ports::kNetUnreachable));
}

}  // namespace holdfast::linux::net

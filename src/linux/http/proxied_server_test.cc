// The server behind proxies: whom it believes, and whom its limits count.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include "base/byte_io.h"
#include "linux/http/proxy_header.h"
#include "linux/http/server.h"
#include "tls/http_world.h"

namespace holdfast::linux::http {
namespace {

using test::RawClient;

constexpr const char* kProxy = "127.0.0.2";

/// Version 2, for TCP over IPv4 from 192.0.2.`last`.
std::string introduction(std::uint8_t last, std::uint8_t command = 0x21) {
  ByteWriter out(Endian::Big);
  out.bytes(Blob{0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A}).u8(command).u8(0x11).u16(12);
  out.bytes(Blob{192, 0, 2, last}).bytes(Blob{198, 51, 100, 1}).u16(50'000).u16(443);
  return to_text(out.written());
}

struct ProxiedWorld : World {
  ProxiedWorld() { options.proxies = {*ports::parse_address_range("127.0.0.2/32")}; }
};

bool ends_with(const std::string& answer, std::string_view body) { return answer.ends_with(body); }

TEST_CASE("a listed proxy says for whom it speaks, and that is the source of the request") {
  ProxiedWorld world;
  world.start();
  RawClient client(*world.plain, world.port(), kProxy, introduction(7));
  CHECK(ends_with(client.get("/source"), "\r\n\r\n192.0.2.7"));
  CHECK(ends_with(client.get("/source"), "\r\n\r\n192.0.2.7"));
}

TEST_CASE("who is no listed proxy is not believed") {
  ProxiedWorld world;
  world.start();
  CHECK_FALSE(RawClient(*world.plain, world.port(), "127.0.0.1", introduction(7)).is_open());
  RawClient direct(*world.plain, world.port());
  CHECK(ends_with(direct.get("/source"), "\r\n\r\n127.0.0.1"));
}

TEST_CASE("a listed proxy that does not introduce its client is refused") {
  ProxiedWorld world;
  world.start();
  CHECK_FALSE(RawClient(*world.plain, world.port(), kProxy).is_open());
  CHECK(world.refusals.saw(kProxyHeaderMalformed));
}

TEST_CASE("a listed proxy that says nothing is ended with the handshake's time") {
  ProxiedWorld world;
  world.start();
  const int socket = test::connect_loopback(world.port(), kProxy);
  world.pass(seconds(11));
  char byte = 0;
  CHECK(::recv(socket, &byte, 1, 0) == 0);
  ::close(socket);
  CHECK(world.refusals.saw(kHttpTimeout));
  CHECK(world.server->connections() == 0);
}

TEST_CASE("a proxy that speaks for itself is the source itself") {
  ProxiedWorld world;
  world.start();
  RawClient client(*world.plain, world.port(), kProxy, introduction(7, 0x20));
  CHECK(ends_with(client.get("/source"), "\r\n\r\n127.0.0.2"));
}

TEST_CASE("limits count the clients behind a proxy, each for itself") {
  ProxiedWorld world;
  world.options.limits.connections_per_source_max = 1;
  world.start();
  RawClient first(*world.plain, world.port(), kProxy, introduction(1));
  RawClient second(*world.plain, world.port(), kProxy, introduction(2));
  CHECK(first.is_open());
  CHECK(second.is_open());
  CHECK_FALSE(RawClient(*world.plain, world.port(), kProxy, introduction(1)).is_open());
  CHECK(world.refusals.saw(kHttpTooMany));
  CHECK(world.server->connections() == 2);
}

}  // namespace
}  // namespace holdfast::linux::http

#include "ports/ip_address.h"

#include <doctest/doctest.h>

#include "fails_with.h"

using namespace holdfast;
using namespace holdfast::ports;

namespace {

ByteArray<16> bytes_of(std::string_view text) {
  const auto address = parse_ip_address(text);
  CAPTURE(text);
  REQUIRE(address);
  return address->bytes;
}

bool holds(std::string_view range, std::string_view address) {
  const auto parsed = parse_address_range(range);
  CAPTURE(range);
  REQUIRE(parsed);
  return parsed->holds(*parse_ip_address(address));
}

}  // namespace

TEST_CASE("an IPv4 address and its mapped form are the same address") {
  CHECK(bytes_of("127.0.0.1") == bytes_of("::ffff:127.0.0.1"));
  CHECK(bytes_of("127.0.0.1") == bytes_of("::FFFF:7f00:1"));
  CHECK(bytes_of("127.0.0.1") == bytes_of("0:0:0:0:0:ffff:127.0.0.1"));
  CHECK(parse_ip_address("::ffff:10.1.2.3")->is_ipv4());
  CHECK_FALSE(parse_ip_address("::10.1.2.3")->is_ipv4());
}

TEST_CASE("IPv6 addresses are read with their gap wherever it is") {
  CHECK(bytes_of("::") == ByteArray<16>{});
  CHECK(bytes_of("::1") == ByteArray<16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  CHECK(bytes_of("fe80::") == ByteArray<16>{0xFE, 0x80});
  CHECK(bytes_of("2001:db8::2:1") == bytes_of("2001:0db8:0:0:0:0:2:1"));
  CHECK(bytes_of("1:2:3:4:5:6:7::") == bytes_of("1:2:3:4:5:6:7:0"));
}

TEST_CASE("what readers read differently is no address") {
  for (const std::string_view text :
       {"",           "1",          "127.1",         "2130706433",        "0x7f.0.0.1",
        "0177.0.0.1", "127.0.0.01", "127.0.0.1.",    "256.0.0.1",         "1.2.3.4.5",
        " 127.0.0.1", "127.0.0.1 ", "::1%lo",        "1::2::3",           ":::",
        ":1",         "1:",         "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
        "12345::",    "::1.2.3",    "1.2.3.4::",     "::1.2.3.4:5",       "[::1]",
        "+1.2.3.4",   "::-1",       "::0x1"}) {
    CAPTURE(text);
    CHECK(fails_with(parse_ip_address(text), kIpAddressMalformed));
  }
}

TEST_CASE("a range holds what shares its prefix, to the bit") {
  CHECK(holds("172.16.0.0/12", "172.31.255.255"));
  CHECK_FALSE(holds("172.16.0.0/12", "172.32.0.0"));
  CHECK(holds("172.16.0.0/12", "::ffff:172.16.0.1"));
  CHECK(holds("fc00::/7", "fdff::1"));
  CHECK_FALSE(holds("fc00::/7", "fe00::1"));
  CHECK(holds("10.1.2.3", "10.1.2.3"));
  CHECK_FALSE(holds("10.1.2.3", "10.1.2.2"));
  CHECK(holds("0.0.0.0/0", "255.1.2.3"));
  CHECK_FALSE(holds("0.0.0.0/0", "::1"));
  CHECK(holds("::/0", "255.1.2.3"));
}

TEST_CASE("a range with bits behind its prefix, or without a prefix that fits, is refused") {
  for (const std::string_view text : {"10.0.0.1/8", "10.0.0.0/33", "fc00::/129", "10.0.0.0/", "10.0.0.0/-1",
                                      "10.0.0.0/8 ", "/8", "example.com/8", "10.0.0.0/8/8", "fc00::1/7"}) {
    CAPTURE(text);
    CHECK(fails_with(parse_address_range(text), kIpAddressMalformed));
  }
}

TEST_CASE("an address is written as it is read") {
  CHECK(to_text(*parse_ip_address("::ffff:10.1.2.255")) == "10.1.2.255");
  CHECK(to_text(*parse_ip_address("2001:db8::a:1")) == "2001:db8:0:0:0:0:a:1");
  CHECK(*parse_ip_address(to_text(IpAddress{})) == IpAddress{});
}

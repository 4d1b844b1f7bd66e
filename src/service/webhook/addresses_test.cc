#include "service/webhook/addresses.h"

#include <doctest/doctest.h>

#include "fails_with.h"

namespace holdfast::service::webhook {
namespace {

ports::IpAddress at(std::string_view text) {
  const auto address = ports::parse_ip_address(text);
  CAPTURE(text);
  REQUIRE(address);
  return *address;
}

void check_refused(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    CAPTURE(text);
    CHECK(fails_with(require_allowed({at(text)}, {}), kWebhookAddressRefused));
  }
}

}  // namespace

TEST_CASE("a webhook to this machine's loopback is refused") { check_refused({"127.0.0.1", "127.255.255.254", "::1"}); }

TEST_CASE("a webhook to a link-local address, where clouds keep their metadata, is refused") {
  check_refused({"169.254.169.254", "169.254.0.1", "fe80::1", "febf::1", "fd00:ec2::254"});
}

TEST_CASE("a webhook to a private network is refused") {
  check_refused({"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255",
                 "fc00::1", "fdff:ffff::1", "fec0::1"});
}

TEST_CASE("a webhook into a carrier's shared address space is refused") {
  check_refused({"100.64.0.1", "100.127.255.255"});
}

TEST_CASE("a webhook to a multicast, unspecified, broadcast or reserved address is refused") {
  check_refused({"224.0.0.1", "239.255.255.255", "ff02::1", "0.0.0.0", "0.1.2.3", "::", "255.255.255.255", "240.0.0.1",
                 "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.0.0.8", "2001:db8::1", "100::1",
                 "4000::1", "3fff::1"});
}

TEST_CASE("an IPv6 form of a refused IPv4 address is refused") {
  check_refused({"::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
                 "64:ff9b::127.0.0.1", "64:ff9b:1::10.0.0.1", "2002:7f00:1::1", "2002:a00:1::", "2001:0:7f00:1::"});
}

TEST_CASE("public addresses are allowed, up to the edges of what is not") {
  for (const std::string_view text :
       {"93.184.216.34", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255",
        "::ffff:1.1.1.1", "2606:4700::1", "2a00:1450::1", "2001:4860:4860::8888"}) {
    CAPTURE(text);
    CHECK(require_allowed({at(text)}, {}));
  }
}

TEST_CASE("what the service's operator allows is allowed, and nothing beside it") {
  const std::vector<ports::AddressRange> allowed = {*ports::parse_address_range("127.0.0.0/8"),
                                                    *ports::parse_address_range("fd12::/16")};
  CHECK(require_allowed({at("127.0.0.1")}, allowed));
  CHECK(require_allowed({at("::ffff:127.0.0.1")}, allowed));
  CHECK(require_allowed({at("fd12::1")}, allowed));
  CHECK(fails_with(require_allowed({at("10.0.0.1")}, allowed), kWebhookAddressRefused));
  CHECK(fails_with(require_allowed({at("::1")}, allowed), kWebhookAddressRefused));
  CHECK(fails_with(require_allowed({at("fd13::1")}, allowed), kWebhookAddressRefused));
}

TEST_CASE("of several addresses only the allowed ones are left, and of none, none") {
  const auto left = require_allowed({at("10.0.0.1"), at("1.1.1.1"), at("::1"), at("2606:4700::1")}, {});
  REQUIRE(left);
  CHECK(*left == std::vector{at("1.1.1.1"), at("2606:4700::1")});
  CHECK(fails_with(require_allowed({}, {}), kWebhookAddressRefused));
}

}  // namespace holdfast::service::webhook

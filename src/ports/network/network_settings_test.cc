#include "ports/network/network_settings.h"

#include <doctest/doctest.h>

#include "fails_with.h"

namespace holdfast::ports {
namespace {

Result<NetworkSettings> parse(std::string_view text) { return parse_network(as_bytes(text)); }

}  // namespace

TEST_CASE("network settings are read, and written as they are read") {
  const auto all = parse(R"({"interfaces": {"eth0": {"addresses": ["192.0.2.7/24", "2001:db8::7/64"],
    "gateway": "192.0.2.1"}}, "name_servers": ["192.0.2.53"], "time_servers": ["ntp.example", "192.0.2.4"],
    "proxy": {"host": "proxy.example", "port": 3128}})");
  REQUIRE(all);
  CHECK(all->interfaces.at("eth0").addresses.at(0).bits == 24);
  CHECK(to_text(*all->interfaces.at("eth0").gateway) == "192.0.2.1");
  CHECK(all->time_servers.size() == 2);
  CHECK(all->proxy->port == 3128);
  CHECK(*parse(to_json(*all)) == *all);
  CHECK(*parse("{}") == NetworkSettings{});
  CHECK(to_json(NetworkSettings{}) == "{}");
}

TEST_CASE("network settings that could be misread are refused, with what was expected") {
  const char* const kBad[] = {
      R"([])",
      R"({"gateway": "192.0.2.1"})",
      R"({"interfaces": {"eth0\nroot": {"addresses": ["192.0.2.7/24"]}}})",
      R"({"interfaces": {"eth0": {"addresses": []}}})",
      R"({"interfaces": {"eth0": {"addresses": ["192.0.2.7"]}}})",
      R"({"interfaces": {"eth0": {"addresses": ["192.0.2.7/33"]}}})",
      R"({"interfaces": {"eth0": {"addresses": ["192.0.2.7/0"]}}})",
      R"({"interfaces": {"eth0": {"addresses": ["192.0.2.7/24", "192.0.2.8/24"]}}})",
      R"({"interfaces": {"eth0": {"addresses": ["2001:db8::7/64"], "gateway": "192.0.2.1"}}})",
      R"({"interfaces": {"eth0": {"addresses": ["192.0.2.7/24"], "gateway": "2001:db8::1"}}})",
      R"({"name_servers": ["dns.example"]})",
      R"({"time_servers": ["ntp.example; reboot"]})",
      R"({"time_servers": ["a", "b", "c", "d"]})",
      R"({"proxy": {"host": "-x", "port": 3128}})",
      R"({"proxy": {"host": "proxy", "port": 0}})",
      R"({"proxy": "http://proxy:3128"})",
  };
  for (const char* one : kBad) {
    CAPTURE(one);
    CHECK(fails_with(parse(one), kNetworkMalformed));
  }
}

}  // namespace holdfast::ports

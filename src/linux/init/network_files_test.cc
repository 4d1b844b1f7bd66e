#include "linux/init/network_files.h"

#include <doctest/doctest.h>

#include "linux/system/files.h"
#include "temporary_folder.h"

namespace holdfast::linux::init {

TEST_CASE("network settings become what the system's programs read") {
  const auto settings = ports::parse_network(
      as_bytes(R"({"interfaces": {"eth0": {"addresses": ["192.0.2.7/24", "2001:db8::7/64"], "gateway": "192.0.2.1"}},
                   "name_servers": ["192.0.2.53"], "proxy": {"host": "proxy.example", "port": 3128}})"));
  REQUIRE(settings);
  tests::TemporaryFolder folder;
  REQUIRE(write_network_files(folder.path(), "duid\n", *settings));
  CHECK(to_text(*system::read_file(folder.path() / kDhcpFile, 4096)) ==
        "duid\ninterface eth0\nnodhcp6\nstatic ip_address=192.0.2.7/24\n"
        "static ip6_address=2001:db8:0:0:0:0:0:7/64\nstatic routers=192.0.2.1\n");
  CHECK(to_text(*system::read_file(folder.path() / kNameServersFile, 4096)) == "192.0.2.53");
  CHECK(*ports::parse_network(*system::read_file(folder.path() / kNetworkFile, 4096)) == *settings);
  CHECK(dhcp_words(*ports::parse_network(as_bytes(R"({"interfaces": {"eth1": {"addresses": ["fd00::7/64"]}}})"))) ==
        "interface eth1\nnoipv4\nnodhcp6\nstatic ip6_address=fd00:0:0:0:0:0:0:7/64\n");
  REQUIRE(write_network_files(folder.path(), "duid\n", {}));
  CHECK(to_text(*system::read_file(folder.path() / kDhcpFile, 4096)) == "duid\n");
}

}  // namespace holdfast::linux::init

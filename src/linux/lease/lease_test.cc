#include "linux/lease/lease.h"

#include <doctest/doctest.h>

#include "fails_with.h"
#include "linux/system/files.h"
#include "temporary_folder.h"

namespace holdfast::linux::lease {
namespace {

std::string resolver(const std::filesystem::path& folder) {
  const auto text = system::read_file(folder / "resolv.conf", 4096);
  REQUIRE(text);
  return to_text(*text);
}

}  // namespace

TEST_CASE("name servers come from DHCP and from routers, each once, and nothing but addresses") {
  const Environment environment = {{"interface", "eth0"},
                                   {"new_domain_name_servers", "10.0.2.3 10.0.2.3 evil;reboot 300.1.1.1"},
                                   {"nd1_rdnss1_servers", "fec0::3 nonsense"},
                                   {"new_host_name", "10.9.9.9"}};
  CHECK((name_servers_in(environment) == std::vector<std::string>{"fec0::3", "10.0.2.3"}));
}

TEST_CASE("servers that the device was given stand in place of those of its network; time servers are kept beside") {
  tests::TemporaryFolder folder;
  const auto given = folder.path() / "given";
  const Environment lease = {{"interface", "eth0"},
                             {"reason", "BOUND"},
                             {"new_domain_name_servers", "10.0.2.3"},
                             {"new_ntp_servers", "10.0.2.4 ntp.example"}};
  REQUIRE(take_lease(folder.path(), lease, given));
  CHECK(resolver(folder.path()) == "nameserver 10.0.2.3\n");
  REQUIRE(system::write_file(given, as_bytes("192.0.2.53 192.0.2.54"), system::FileMode::Public));
  REQUIRE(take_lease(folder.path(), lease, given));
  CHECK(resolver(folder.path()) == "nameserver 192.0.2.53\nnameserver 192.0.2.54\n");
  CHECK((time_servers(folder.path()) == std::vector<std::string>{"10.0.2.4"}));
  REQUIRE(take_lease(folder.path(), {{"interface", "eth0"}, {"reason", "EXPIRE"}}, given));
  CHECK(time_servers(folder.path()).empty());
}

TEST_CASE("the resolver knows the servers of every lease, and forgets those of one that ended") {
  tests::TemporaryFolder folder;
  REQUIRE(
      take_lease(folder.path(), {{"interface", "eth0"}, {"reason", "BOUND"}, {"new_domain_name_servers", "10.0.2.3"}}));
  REQUIRE(take_lease(folder.path(),
                     {{"interface", "eth0"}, {"reason", "ROUTERADVERT"}, {"nd1_rdnss1_servers", "fec0::3"}}));
  CHECK(resolver(folder.path()) == "nameserver 10.0.2.3\nnameserver fec0::3\n");
  REQUIRE(take_lease(folder.path(), {{"interface", "eth0"}, {"reason", "EXPIRE"}}));
  CHECK(resolver(folder.path()) == "nameserver fec0::3\n");
  REQUIRE(take_lease(folder.path(), {{"interface", "eth1"}, {"reason", "STOP"}}));
  CHECK(resolver(folder.path()) == "nameserver fec0::3\n");
}

TEST_CASE("an interface whose name leads elsewhere is none") {
  tests::TemporaryFolder folder;
  for (const char* name : {"", "../etc", "a/b", ".x", "a-name-that-is-too-long"}) {
    CHECK(fails_with(take_lease(folder.path(), {{"interface", name}, {"reason", "BOUND"}}), kLeaseMalformed));
  }
}

}  // namespace holdfast::linux::lease

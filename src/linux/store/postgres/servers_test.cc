#include "linux/store/postgres/servers.h"

#include <doctest/doctest.h>

using namespace holdfast::linux::store::postgres;

TEST_CASE("the preferred server comes first, the one to be avoided last, the others stay in their order") {
  const char* url = "postgres://holdfast@a:1,b:2,c:3,d/holdfast";
  CHECK(servers_of(url, {}) == Servers{"a,b,c,d", "", "1,2,3,"});
  CHECK(servers_of(url, {"c:3", "a:1"}) == Servers{"c,b,d,a", "", "3,2,,1"});
  CHECK(servers_of(url, {"d:5432", "d:5432"}) == Servers{"d,a,b,c", "", ",1,2,3"});
  CHECK(servers_of(url, {"x:9", "b:3"}) == Servers{"a,b,c,d", "", "1,2,3,"});
}

TEST_CASE("one port for all and addresses beside names are kept together") {
  CHECK(servers_of("host=a,b port=7", {"b:7", ""}) == Servers{"b,a", "", "7,7"});
  CHECK(servers_of("host=a,b hostaddr=10.0.0.1,10.0.0.2", {"", "a:5432"}) == Servers{"b,a", "10.0.0.2,10.0.0.1", ""});
  CHECK(servers_of("hostaddr=10.0.0.1,10.0.0.2", {"10.0.0.2:5432", ""}) == Servers{"", "10.0.0.2,10.0.0.1", ""});
}

TEST_CASE("a URL of one server, or of none that could be told apart, is left alone") {
  CHECK(servers_of("postgres:///holdfast?host=/run/postgresql", {"x:1", "y:2"}) == Servers{});
  CHECK(servers_of("host=a,b port=1,2,3", {"b:2", ""}) == Servers{});
  CHECK(servers_of("postgres://[broken", {}) == Servers{});
}

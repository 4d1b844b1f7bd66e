#include <doctest/doctest.h>

#include "cli/memory_world.h"

namespace holdfast::cli::commands {
namespace {

using test::CommandLine;
using Request = test::ScriptedService::Request;

json::Value record(std::int64_t sequence) {
  return json::Object{{"sequence", sequence},    {"at", "2026-11-26T12:00:00Z"},
                      {"actor", "operator:ada"}, {"action", "device.held"},
                      {"subject", "hf-1"},       {"detail", "{}"}};
}

}  // namespace

TEST_CASE("a watch shows what is new since it began, each record once") {
  CommandLine line;
  line.log_in("fleet");
  std::vector<std::string> asked;
  line.service.rows["GET /v1/catalogs/fleet/audit/head"] = [](const Request&) {
    return json::Value(json::Object{{"sequence", 7}});
  };
  line.service.rows["GET /v1/catalogs/fleet/audit"] = [&](const Request& request) {
    asked.push_back(request.line);
    json::Array items;
    if (asked.size() == 2) items = {record(8), record(9)};
    return json::Value(json::Object{{"items", items}});
  };
  line.pauses = 2;
  CHECK(line.run({"watch"}) == 0);
  REQUIRE(asked.size() == 3);
  CHECK(asked[0].find("after=7") != std::string::npos);
  CHECK(asked[2].find("after=9") != std::string::npos);
  const std::string shown = "2026-11-26T12:00:00Z  device.held  hf-1  by operator:ada\n";
  CHECK(line.printed == shown + shown);
}

}  // namespace holdfast::cli::commands

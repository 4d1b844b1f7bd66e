#include "linux/boot/boot_files.h"

#include <doctest/doctest.h>

#include <fstream>

#include "temporary_folder.h"

namespace holdfast::linux::boot {
namespace {

ports::BootFacts some_facts() {
  return {.event_log = {1, 2, 3}, .boot_count = 7, .running = {{"os", "1.0.0", 3}, {"app.demo", "2.1", 0}}};
}

std::string_view reason_of(std::string_view json) {
  const auto facts = parse_boot_facts(as_bytes(json));
  return facts ? "success" : facts.error().reason.word();
}

TEST_CASE("boot files are read as they were written") {
  const tests::TemporaryFolder folder;
  REQUIRE(write_boot_files(folder.path(), some_facts()));
  const auto read = BootFiles(folder.path()).facts();
  REQUIRE(read);
  CHECK(read->event_log == some_facts().event_log);
  CHECK(read->boot_count == 7);
  CHECK(read->running == some_facts().running);
}

TEST_CASE("a device that has not booted has no facts") {
  const tests::TemporaryFolder folder;
  const auto read = BootFiles(folder.path()).facts();
  REQUIRE_FALSE(read);
  CHECK(read.error().reason == kBootFactsMissing);
  CHECK(read.error().next == Next::NotFound);
}

TEST_CASE("facts that are damaged, negative, incomplete or more than asked for are refused") {
  CHECK(reason_of(R"({"boot_count": 1, "running": []})") == "success");
  for (const char* json : {"", "[]", "{", R"({"boot_count": 1})", R"({"boot_count": -1, "running": []})",
                           R"({"boot_count": 1, "running": [], "more": 1})", R"({"boot_count": 1, "running": [1]})",
                           R"({"boot_count": 1, "running": [{"component": "os", "version": "1"}]})",
                           R"({"boot_count": 1, "boot_count": 2, "running": []})"}) {
    CAPTURE(json);
    CHECK(reason_of(json) == "boot-facts-malformed");
  }
}

TEST_CASE("an over-long event log is refused before it fills memory") {
  const tests::TemporaryFolder folder;
  REQUIRE(write_boot_files(folder.path(), some_facts()));
  std::filesystem::resize_file(folder.path() / "event_log", kEventLogBytesMax + 1);
  const auto read = BootFiles(folder.path()).facts();
  REQUIRE_FALSE(read);
  CHECK(read.error().reason == kBootFactsMalformed);
}

}  // namespace
}  // namespace holdfast::linux::boot

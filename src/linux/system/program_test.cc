#include "linux/system/program.h"

#include <doctest/doctest.h>

#include "temporary_folder.h"

namespace holdfast::linux::system {
namespace {

constexpr std::chrono::seconds kEnough{20};

TEST_CASE("a program that fails is reported with its last words") {
  const tests::TemporaryFolder folder;
  const auto log = folder.path() / "log";
  CHECK(run_program({"true"}, log, kEnough));
  const auto failed = run_program({"sh", "-c", "echo no paper; exit 3"}, log, kEnough);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().reason == kProgramFailed);
  CHECK(failed.error().message.find("exit 3") != std::string::npos);
  CHECK(failed.error().message.find("no paper") != std::string::npos);
}

TEST_CASE("a program that does not exist is missing") {
  const tests::TemporaryFolder folder;
  const auto missing = run_program({"holdfast-no-such-program"}, folder.path() / "log", kEnough);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().reason == kProgramMissing);
  CHECK_FALSE(has_program("holdfast-no-such-program"));
  CHECK(has_program("sh"));
}

TEST_CASE("a program that does not end is killed") {
  const tests::TemporaryFolder folder;
  const auto stuck = run_program({"sleep", "60"}, folder.path() / "log", std::chrono::seconds(0));
  REQUIRE_FALSE(stuck);
  CHECK(stuck.error().reason == kProgramFailed);
}

}  // namespace
}  // namespace holdfast::linux::system

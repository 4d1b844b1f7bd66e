#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <string>

#include "contract/store/rows.h"
#include "linux/store/sqlite/database.h"
#include "temporary_folder.h"

using namespace holdfast;
using namespace holdfast::contract;

namespace {

/// Runs the writing program until it has acknowledged `count` entries, kills it, and returns all that it acknowledged.
std::set<std::int64_t> acknowledged_before_kill(const std::string& path, std::int64_t from, std::size_t count) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const std::string first = std::to_string(from);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execl(HOLDFAST_ACKNOWLEDGER, HOLDFAST_ACKNOWLEDGER, path.c_str(), first.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  std::set<std::int64_t> out;
  std::int64_t number = 0;
  bool killed = false;
  while (read(ends[0], &number, sizeof number) == sizeof number) {
    out.insert(number);
    if (killed || out.size() < count) continue;
    killed = kill(child, SIGKILL) == 0;
  }
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  return out;
}

}  // namespace

TEST_CASE("a process that is killed loses nothing that it acknowledged, and leaves no half transaction") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "store.db";
  std::set<std::int64_t> acknowledged;
  for (std::int64_t round = 0; round < 6; ++round) {
    acknowledged.merge(acknowledged_before_kill(path, round * 1'000'000, static_cast<std::size_t>(50 + round * 150)));
    const auto database = linux::store::sqlite::Database::open({.path = path}, contract_migrations());
    REQUIRE(database);
    std::size_t missing = 0;
    std::size_t half = 0;
    REQUIRE((*database)->read([&](ports::Transaction& tx) -> Result<void> {
      for (const std::int64_t number : acknowledged) {
        if (!TRY(ports::Table<Entry>(tx).find(number))) ++missing;
        if (!TRY(ports::Table<Ship>(tx).find("killed", number))) ++half;
      }
      return {};
    }));
    CHECK(missing == 0);
    CHECK(half == 0);
  }
  CHECK(acknowledged.size() >= 6 * 50);
}

#include "linux/wait/waiter.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>

#include "linux/system/clock.h"
#include "linux/system/files.h"
#include "temporary_folder.h"

using namespace holdfast;
using linux::wait::Waiter;
using linux::wait::Woken;

TEST_CASE("a wait ends when its time is up, and at once where it has passed") {
  linux::system::SystemClock clock;
  auto waiter = Waiter::make({});
  REQUIRE(waiter);
  const Instant before = clock.now();
  CHECK(*waiter->wait(before + Duration(30)) == Woken::TimeUp);
  CHECK(clock.now() - before >= Duration(29));
  CHECK(*waiter->wait(before) == Woken::TimeUp);
  CHECK(*waiter->wait(Instant{}) == Woken::TimeUp);
}

TEST_CASE("signals end a wait or make it look again") {
  linux::system::SystemClock clock;
  auto waiter = Waiter::make({});
  REQUIRE(waiter);
  for (const auto& [signal, woken] : {std::pair(SIGHUP, Woken::LookAgain), std::pair(SIGUSR1, Woken::Retry),
                                      std::pair(SIGTERM, Woken::End), std::pair(SIGINT, Woken::End)}) {
    REQUIRE(::kill(::getpid(), signal) == 0);
    CHECK(*waiter->wait(clock.now() + seconds(60)) == woken);
  }
}

TEST_CASE("only the watched file wakes") {
  linux::system::SystemClock clock;
  tests::TemporaryFolder folder;
  auto waiter = Waiter::make(folder.path() / "ticket");
  REQUIRE(waiter);
  REQUIRE(linux::system::write_file(folder.path() / "other", Blob{1}, linux::system::FileMode::Private));
  CHECK(*waiter->wait(clock.now() + Duration(50)) == Woken::TimeUp);
  REQUIRE(linux::system::write_file(folder.path() / "ticket", Blob{1}, linux::system::FileMode::Private));
  CHECK(*waiter->wait(clock.now() + seconds(60)) == Woken::LookAgain);
}

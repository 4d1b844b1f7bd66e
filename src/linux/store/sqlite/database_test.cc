// What the SQLite store does that the contract does not ask of every engine: one fsync for many, failing disks, files.
#include "linux/store/sqlite/database.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <future>
#include <thread>

#include "fails_with.h"
#include "linux/store/sqlite/connection.h"
#include "linux/store/sqlite/test_rows.h"
#include "linux/store/sqlite/torn_disk.h"
#include "temporary_folder.h"

using namespace holdfast;
using namespace holdfast::linux::store::sqlite;
using ports::Table;
using ports::Transaction;

namespace {

std::unique_ptr<Database> open(const Options& options) {
  auto database = Database::open(options, test_migrations());
  REQUIRE(database);
  return *std::move(database);
}

Result<void> insert(ports::Store& store, std::int64_t number) {
  return store.write([&](Transaction& tx) { return Table<Note>(tx).insert({number, "text"}); });
}

std::future<Result<void>> flush(ports::Store& store) {
  auto promise = std::make_shared<std::promise<Result<void>>>();
  store.flush([promise](Result<void> result) { promise->set_value(std::move(result)); });
  return promise->get_future();
}

std::size_t count(ports::Store& store) {
  std::size_t out = 0;
  REQUIRE(store.read([&](Transaction& tx) -> Result<void> {
    out = TRY(Table<Note>(tx).scan({.limit = ports::kScanRowsMax})).size();
    return {};
  }));
  return out;
}

mode_t rights(const std::string& path) {
  struct stat status{};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

bool is_waiting(const std::future<Result<void>>& answer, Duration for_ms = Duration(30)) {
  return answer.wait_for(for_ms) == std::future_status::timeout;
}

/// So many threads that insert and flush so many times each, one after the other.
Activity keep_busy(Database& database, int threads, int each) {
  std::atomic<int> failed = 0;
  std::vector<std::thread> writers;
  for (int t = 0; t < threads; ++t) {
    writers.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        if (!insert(database, t * each + i) || !flush(database).get()) ++failed;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(failed == 0);
  CHECK(count(database) == static_cast<std::size_t>(threads * each));
  // One whose write another's sync took along did not wait for a sync.
  CHECK(database.activity().acknowledged <= static_cast<std::size_t>(threads * each));
  return database.activity();
}

template <class Action>
void in_another_thread(Action action) {
  std::thread(action).join();
}

}  // namespace

TEST_CASE("nothing is acknowledged before the sync that began after its commit is over") {
  const tests::TemporaryFolder folder;
  std::promise<void> first_may_end;
  std::promise<void> second_may_end;
  std::atomic<int> begun = 0;
  const auto sync = [&](int) {
    const int which = ++begun;
    if (which == 1) first_may_end.get_future().wait();
    if (which == 2) second_may_end.get_future().wait();
    return 0;
  };
  const auto database = open({.path = folder.path() / "store.db", .sync = sync});
  REQUIRE(insert(*database, 1));
  auto first = flush(*database);
  while (begun == 0) std::this_thread::yield();
  CHECK(is_waiting(first));
  // Written while the first sync runs: that sync may have missed it.
  REQUIRE(insert(*database, 2));
  auto second = flush(*database);
  first_may_end.set_value();
  CHECK(first.get());
  CHECK(is_waiting(second));
  second_may_end.set_value();
  CHECK(second.get());
  CHECK(begun == 2);
}

TEST_CASE("256 writers at once share their syncs") {
  const tests::TemporaryFolder folder;
  const auto sync = [](int descriptor) {
    std::this_thread::sleep_for(Duration(10));  // a slow disk, so that a slow machine counts the same
    return fdatasync(descriptor);
  };
  const auto database = open({.path = folder.path() / "store.db", .sync = sync});
  const Activity activity = keep_busy(*database, 256, 12);
  MESSAGE("acknowledgements per sync: ", activity.acknowledged / activity.syncs);
  CHECK(activity.acknowledged / activity.syncs >= 16);  // how many on a quiet machine: ./do bench acknowledgements
}

TEST_CASE("flushes that keep arriving share a sync even where syncs cost nothing") {
  const tests::TemporaryFolder folder;
  const auto database = open({.path = folder.path() / "store.db", .sync = [](int) { return 0; }});
  const Activity activity = keep_busy(*database, 48, 40);
  MESSAGE("acknowledgements per sync: ", activity.acknowledged / activity.syncs);
  CHECK(activity.acknowledged / activity.syncs >= 12);
}

TEST_CASE("a lone writer does not wait for company") {
  const tests::TemporaryFolder folder;
  const auto database = open({.path = folder.path() / "store.db", .sync = [](int) { return 0; }});
  const auto begun = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < 100; ++i) {
    REQUIRE(insert(*database, i));
    REQUIRE(flush(*database).get());
  }
  CHECK(database->activity().syncs == 100);
  CHECK(std::chrono::steady_clock::now() - begun < seconds(5));
}

TEST_CASE("what nobody flushes becomes visible to other processes after a while") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "store.db";
  const auto database = open({.path = path, .commit_after = Duration(20)});
  const auto other = open({.path = path});
  REQUIRE(insert(*database, 1));
  for (int ms = 0; ms < 5'000 && count(*other) == 0; ++ms) std::this_thread::sleep_for(Duration(1));
  CHECK(count(*other) == 1);
  CHECK(database->activity().syncs == 0);
  REQUIRE(insert(*other, 2));
  CHECK(count(*other) == 2);
  for (int ms = 0; ms < 5'000 && count(*database) == 1; ++ms) std::this_thread::sleep_for(Duration(1));
  CHECK(count(*database) == 2);
}

TEST_CASE("a disk that is full fails every flush of the batch, and nobody sees the batch again") {
  TornDisk disk;
  const tests::TemporaryFolder folder;
  const auto database = open({.path = folder.path() / "store.db", .commit_after = seconds(60)});
  REQUIRE(insert(*database, 1));
  REQUIRE(flush(*database).get());
  disk.set_full(true);
  std::thread late;
  std::promise<void> lost;
  std::promise<void> written;
  Result<void> late_answer;
  late = std::thread([&] {
    CHECK(insert(*database, 2));
    written.set_value();
    lost.get_future().wait();
    late_answer = flush(*database).get();
  });
  written.get_future().wait();
  REQUIRE(insert(*database, 3));
  CHECK(count(*database) == 3);
  const auto answer = flush(*database).get();
  REQUIRE_FALSE(answer);
  CHECK(fails_with(answer, Next::Exhausted));
  CHECK(count(*database) == 1);
  disk.set_full(false);
  lost.set_value();
  late.join();
  CHECK_FALSE(late_answer);
  REQUIRE(insert(*database, 4));
  CHECK(flush(*database).get());
  CHECK(count(*database) == 2);
}

TEST_CASE("who only saw a write that was lost is told at its flush") {
  TornDisk disk;
  const tests::TemporaryFolder folder;
  const auto database = open({.path = folder.path() / "store.db", .commit_after = seconds(60)});
  in_another_thread([&] { CHECK(insert(*database, 1)); });
  bool seen = false;
  REQUIRE(database->read([&](Transaction& tx) -> Result<void> {
    seen = TRY(Table<Note>(tx).find(1)).has_value();
    return {};
  }));
  CHECK(seen);
  disk.set_full(true);
  in_another_thread([&] { CHECK_FALSE(flush(*database).get()); });
  disk.set_full(false);
  CHECK_FALSE(flush(*database).get());
  CHECK(flush(*database).get());
}

TEST_CASE("after a failed sync the store stops: nothing is acknowledged, written or read any more") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "store.db";
  std::atomic<bool> broken = false;
  const auto sync = [&](int descriptor) {
    errno = EIO;
    return broken ? -1 : fdatasync(descriptor);
  };
  {
    const auto database = open({.path = path, .sync = sync});
    REQUIRE(insert(*database, 1));
    REQUIRE(flush(*database).get());
    broken = true;
    REQUIRE(insert(*database, 2));
    CHECK(fails_with(flush(*database).get(), kStoreDiskFailed));
    broken = false;
    CHECK(fails_with(flush(*database).get(), kStoreDiskFailed));
    CHECK(fails_with(insert(*database, 3), kStoreDiskFailed));
    const auto read = database->read([](Transaction&) -> Result<void> { return {}; });
    CHECK(fails_with(read, kStoreDiskFailed));
  }
  const auto database = open({.path = path});
  CHECK(insert(*database, 3));
  CHECK(flush(*database).get());
}

TEST_CASE("after a failed checkpoint the store stops, since the next one might lie") {
  TornDisk disk;
  const tests::TemporaryFolder folder;
  const auto database = open({.path = folder.path() / "store.db", .checkpoint_pages = 5});
  // Only now is the WAL begun, which syncs its header inside a commit.
  REQUIRE(insert(*database, -1));
  REQUIRE(flush(*database).get());
  disk.break_syncs();
  Result<void> written;
  for (std::int64_t i = 0; i < 5'000 && written; ++i) {
    written = insert(*database, i);
    if (written) written = flush(*database).get();
  }
  REQUIRE_FALSE(written);
  CHECK(fails_with(written, kStoreDiskFailed));
}

TEST_CASE("closing the store flushes it") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "store.db";
  int syncs = 0;
  const auto sync = [&](int descriptor) {
    ++syncs;
    return fdatasync(descriptor);
  };
  {
    const auto database = open({.path = path, .commit_after = seconds(60), .sync = sync});
    REQUIRE(insert(*database, 1));
    REQUIRE(flush(*database).get());
    REQUIRE(insert(*database, 2));
  }
  CHECK(syncs == 2);
  CHECK(count(*open({.path = path})) == 2);
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));
}

TEST_CASE("who waits when the store is closed is answered") {
  const tests::TemporaryFolder folder;
  std::future<Result<void>> answer;
  {
    const auto database = open({.path = folder.path() / "store.db", .commit_after = seconds(60)});
    REQUIRE(insert(*database, 1));
    answer = flush(*database);
  }
  CHECK(answer.get());
}

TEST_CASE("checkpoints keep the write-ahead log small while writers and readers go on") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "store.db";
  const auto database = open({.path = path, .checkpoint_pages = 50});
  for (std::int64_t i = 0; i < 1'000; ++i) {
    REQUIRE(insert(*database, i));
    if (i % 2 == 0) REQUIRE(flush(*database).get());
    if (i % 100 == 0) CHECK(count(*database) == static_cast<std::size_t>(i) + 1);
  }
  CHECK(database->activity().checkpoints >= 3);
  CHECK(std::filesystem::file_size(path + "-wal") < 400 * 4096);
}

TEST_CASE("the files are their owner's alone") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "store.db";
  {
    const auto database = open({.path = path});
    REQUIRE(insert(*database, 1));
    for (const std::string_view suffix : {"", "-wal", "-shm"}) CHECK(rights(path + std::string(suffix)) == 0600);
  }
  REQUIRE(chmod(path.c_str(), 0644) == 0);
  const auto database = open({.path = path});
  CHECK(rights(path) == 0600);
  CHECK(count(*database) == 1);
}

TEST_CASE("what is not a database is refused and left as it was") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "store.db";
  const std::string letter(5'000, 'x');
  std::ofstream(path) << letter;
  const auto database = Database::open({.path = path}, test_migrations());
  REQUIRE_FALSE(database);
  CHECK(fails_with(database, Next::Corrupt));
  std::string content;
  std::getline(std::ifstream(path), content);
  CHECK(content == letter);
  CHECK_FALSE(Database::open({.path = folder.path()}, test_migrations()));
  CHECK_FALSE(Database::open({.path = folder.path() / "no" / "such" / "folder"}, test_migrations()));
}

// What PostgreSQL adds to the contract: several processes at once, and a server that dies while they work.
#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "base/text.h"
#include "contract/store/rows.h"
#include "fails_with.h"
#include "linux/store/postgres/database.h"
#include "linux/store/postgres/session.h"
#include "postgres/postgres_server.h"

using namespace holdfast;
using namespace holdfast::contract;
using linux::store::postgres::Database;
using ports::Table;
using ports::Transaction;

namespace {

using Opened = std::unique_ptr<Database>;

Opened open(const std::string& url, const std::vector<ports::Migration>& migrations = contract_migrations(),
            Duration answers_within = seconds(20)) {
  auto opened = Database::open({.url = url, .answers_within = answers_within}, migrations);
  if (!opened) MESSAGE(opened.error().message);
  REQUIRE(opened);
  return *std::move(opened);
}

Result<void> flushed(ports::Store& store) {
  std::promise<Result<void>> promise;
  auto answer = promise.get_future();
  store.flush([&](Result<void> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

Result<void> insert(ports::Store& store, std::int64_t number) {
  return store.write([number](Transaction& tx) { return Table<Entry>(tx).insert({number, "entry"}); });
}

/// On a busy machine a server may take longer to answer than the store waits for it.
bool soon_acknowledged(ports::Store& store, std::int64_t number) {
  for (int i = 0; i < 20; ++i) {
    if (insert(store, number) && flushed(store)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
  return false;
}

std::size_t count_missing(ports::Store& store, const std::set<std::int64_t>& numbers) {
  std::size_t missing = 0;
  REQUIRE(store.read([&](Transaction& tx) -> Result<void> {
    missing = 0;
    for (const std::int64_t number : numbers) missing += TRY(Table<Entry>(tx).find(number)) ? 0 : 1;
    return {};
  }));
  return missing;
}

/// Commits that wait for a standby wait for one that is not there.
void await_standby(const tests::PostgresServer& server, const std::string& name) {
  server.run(cat("ALTER SYSTEM SET synchronous_standby_names = '", name, "'"));
  server.run("SELECT pg_reload_conf()");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
}

Result<void> increment(Transaction& tx) {
  Table<Counter> counters(tx);
  auto row = TRY(counters.find("shared"));
  if (!row) return counters.insert({"shared", 1});
  ++row->value;
  return counters.update(*row);
}

}  // namespace

TEST_CASE("processes that start on an empty database at once all find it ready, and count together") {
  tests::PostgresServer server;
  const std::string url = server.new_database();
  constexpr int kProcesses = 4;
  constexpr int kTimes = 60;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kProcesses; ++i) {
    threads.emplace_back([&] {
      const auto database = Database::open({.url = url}, contract_migrations());
      if (!database) ++failed;
      for (int k = 0; database && k < kTimes; ++k) failed += (*database)->write(increment) ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
  REQUIRE(open(url)->read([](Transaction& tx) -> Result<void> {
    CHECK(TRY(Table<Counter>(tx).find("shared"))->value == kProcesses * kTimes);
    return {};
  }));
}

TEST_CASE("an older program works on while a newer one brings the database forward, and after") {
  tests::PostgresServer server;
  const std::string url = server.new_database();
  const auto older = open(url, {contract_migrations().front()});
  REQUIRE(older->write([](Transaction& tx) { return Table<Ship>(tx).insert(ship("north", 1)); }));
  const auto newer = open(url);
  REQUIRE(insert(*newer, 1));
  REQUIRE(older->write([](Transaction& tx) { return Table<Ship>(tx).insert(ship("north", 2)); }));
  const auto restarted = open(url, {contract_migrations().front()});
  REQUIRE(restarted->read([](Transaction& tx) -> Result<void> {
    CHECK(TRY(Table<Ship>(tx).scan({})).size() == 2);
    return {};
  }));
}

TEST_CASE("a migration that met others at its tables in another order is tried again, and gets in") {
  tests::PostgresServer server;
  const std::string url = server.new_database();
  const auto older = open(url);
  REQUIRE(older->write(increment));
  const auto with_column = [](ports::Schema schema) {
    schema.columns.push_back({"later", ports::FieldKind::Integer, true});
    return schema;
  };
  static const ports::Schema kShips = with_column(Ship::schema());
  static const ports::Schema kCounters = with_column(Counter::schema());
  auto migrations = contract_migrations();
  migrations.push_back({3, "two at once", {ports::AddColumn{&kShips, 6}, ports::AddColumn{&kCounters, 2}}});
  std::promise<void> began;
  std::thread user([&] {
    bool is_first = true;
    CHECK(older->write([&](Transaction& tx) -> Result<void> {
      TRY(increment(tx));
      if (std::exchange(is_first, false)) {
        began.set_value();
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
      }
      return Table<Ship>(tx).insert(ship("north", 1));
    }));
  });
  began.get_future().wait();
  const auto newer = Database::open({.url = url}, migrations);
  user.join();
  if (!newer) MESSAGE(newer.error().message);
  REQUIRE(newer);
  CHECK((*newer)->write(increment));
  CHECK(older->write(increment));
}

TEST_CASE("what was written before the server died is not acknowledged after, and what comes after is") {
  tests::PostgresServer server;
  const auto database = open(server.new_database());
  REQUIRE(insert(*database, 1));
  REQUIRE(flushed(*database));
  REQUIRE(insert(*database, 2));
  server.crash();
  CHECK(fails_with(insert(*database, 3), Next::Retry));
  server.start();
  CHECK(fails_with(flushed(*database), Next::Retry));
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  REQUIRE(insert(*database, 4));
  CHECK(flushed(*database));
  CHECK(count_missing(*database, {1, 4}) == 0);
}

TEST_CASE("a reader of what was lost is not told that it lasts") {
  tests::PostgresServer server;
  const std::string url = server.new_database();
  const auto writer = open(url);
  const auto reader = open(url);
  REQUIRE(insert(*writer, 1));
  CHECK(count_missing(*reader, {1}) == 0);
  server.crash();
  server.start();
  CHECK(fails_with(flushed(*reader), Next::Retry));
}

TEST_CASE("who begins something new after the server died is acknowledged for that") {
  tests::PostgresServer server;
  const auto database = open(server.new_database());
  REQUIRE(insert(*database, 1));
  server.crash();
  server.start();
  [[maybe_unused]] const auto finds_out = insert(*database, 2);
  database->forget_past();
  Result<void> inserted = insert(*database, 3);
  for (int i = 0; i < 50 && !inserted; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    inserted = insert(*database, 3);
  }
  REQUIRE(inserted);
  CHECK(flushed(*database));
}

TEST_CASE("a server that is killed again and again loses nothing that was acknowledged") {
  tests::PostgresServer server;
  const auto database = open(server.new_database());
  std::mutex lock;
  std::set<std::int64_t> acknowledged;
  std::atomic<std::int64_t> next = 0;
  std::atomic<bool> over = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!over) {
        const std::int64_t number = next++;
        if (!insert(*database, number) || !flushed(*database)) {
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
          continue;
        }
        const std::lock_guard hold(lock);
        acknowledged.insert(number);
      }
    });
  }
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    server.crash();
    server.start();
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  over = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(acknowledged.size() > 100);
  CHECK(count_missing(*database, acknowledged) == 0);
}

TEST_CASE("many flushes share a sync") {
  tests::PostgresServer server;
  const auto database = open(server.new_database());
  constexpr int kFlushes = 500;
  std::atomic<int> called = 0;
  for (int i = 0; i < kFlushes; ++i) {
    REQUIRE(insert(*database, i));
    database->flush([&](const Result<void>& result) { called += result ? 1 : 0; });
  }
  CHECK(flushed(*database));
  CHECK(called == kFlushes);
  CHECK(database->activity().acknowledged == kFlushes + 1);
  CHECK(database->activity().syncs < kFlushes);
}

TEST_CASE(
    "a flush that no standby confirms fails in time, those behind it too, and the next ones succeed once one does") {
  tests::PostgresServer server;
  const auto database = open(server.new_database(), contract_migrations(), Duration(1'000));
  await_standby(server, "nobody");
  REQUIRE(insert(*database, 1));
  const auto before = std::chrono::steady_clock::now();
  auto first =
      std::async(std::launch::async, [&] { return insert(*database, 2) ? flushed(*database) : Result<void>(); });
  CHECK(fails_with(flushed(*database), linux::store::postgres::kSessionLost));
  CHECK(fails_with(first.get(), Next::Retry));
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(5));
  await_standby(server, "");
  CHECK(soon_acknowledged(*database, 3));
}

TEST_CASE("a server that confirms nothing any more is left for one that does, though the URL names it first") {
  tests::PostgresServer given_up;
  tests::PostgresServer primary;
  const auto folder_of = [](const std::string& url) {
    return url.substr(url.find('/', 12), url.find('&') - url.find('/', 12));
  };
  const std::string first = given_up.new_database();
  const std::string second = primary.new_database();
  REQUIRE(insert(*open(second), 1));
  const std::string both = cat("postgres:///test_1?user=holdfast&host=", folder_of(first), ",", folder_of(second));
  const auto database = open(both, contract_migrations(), Duration(1'000));
  CHECK(count_missing(*database, {1}) == 1);
  await_standby(given_up, "nobody");
  REQUIRE(insert(*database, 2));
  CHECK(fails_with(flushed(*database), linux::store::postgres::kSessionLost));
  CHECK(soon_acknowledged(*database, 3));
  CHECK(count_missing(*database, {1, 3}) == 0);
}

TEST_CASE("a flush whose wait for the standby was cancelled is not told that it lasts") {
  tests::PostgresServer server;
  const auto database = open(server.new_database());
  await_standby(server, "nobody");
  REQUIRE(insert(*database, 1));
  auto answer = std::async(std::launch::async, [&] { return flushed(*database); });
  while (answer.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
    server.run("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
  }
  // The flush is another thread's, which neither read nor wrote: it stands for everything in this life.
  CHECK(fails_with(answer.get(), linux::store::postgres::kSessionLost));
}

TEST_CASE("a transaction that waits in a life that ends is woken at once") {
  tests::PostgresServer server;
  const auto database = open(server.new_database());
  await_standby(server, "nobody");
  REQUIRE(insert(*database, 1));
  auto stuck = std::async(std::launch::async, [&] { return flushed(*database); });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  // Every session but the one that waits for the standby is ended, and a new life begins beside it.
  server.run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
      "WHERE application_name = 'holdfastd' AND wait_event <> 'SyncRep'");
  const auto before = std::chrono::steady_clock::now();
  // Whether the first of them was committed is not known.
  CHECK((insert(*database, 2) || insert(*database, 3)));
  CHECK(fails_with(stuck.get(), Next::Retry));
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(3));
}

TEST_CASE("a database that cannot serve is refused with what was expected of it") {
  tests::PostgresServer server;
  server.run("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  const auto latin = Database::open({.url = server.url("latin")}, contract_migrations());
  CHECK(fails_with(latin, linux::store::postgres::kDatabaseUnfit));
  CHECK(latin.error().message == "expected a database with the encoding UTF8, saw LATIN1");
  CHECK(fails_with(Database::open({.url = server.url("nowhere")}, contract_migrations()), Next::Retry));
  const std::string url = server.new_database();
  server.crash();
  CHECK(fails_with(Database::open({.url = url}, contract_migrations()), linux::store::postgres::kSessionLost));
}

// What a flush promises.
#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

#include "contract/store/engine.h"
#include "contract/store/rows.h"

using namespace holdfast;
using namespace holdfast::contract;
using ports::Table;
using ports::Transaction;

namespace {

Result<void> flushed(ports::Store& store) {
  std::promise<Result<void>> promise;
  auto answer = promise.get_future();
  store.flush([&](Result<void> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

std::size_t entries(ports::Store& store) {
  std::size_t count = 0;
  REQUIRE(store.read([&](Transaction& tx) -> Result<void> {
    count = TRY(Table<Entry>(tx).scan({.limit = ports::kScanRowsMax})).size();
    return {};
  }));
  return count;
}

}  // namespace

TEST_CASE("what was flushed is there after the store went away and came back") {
  const auto engine = Engine::make();
  for (std::int64_t i = 0; i < 20; ++i) {
    REQUIRE(engine->store().write([&](Transaction& tx) { return Table<Entry>(tx).insert({i, "kept"}); }));
    if (i % 3 == 0) REQUIRE(flushed(engine->store()));
  }
  REQUIRE(flushed(engine->store()));
  engine->reopen();
  CHECK(entries(engine->store()) == 20);
}

TEST_CASE("a flush of nothing calls back") {
  const auto engine = Engine::make();
  CHECK(flushed(engine->store()));
  REQUIRE(engine->store().write([](Transaction& tx) { return Table<Entry>(tx).insert({1, ""}); }));
  CHECK(flushed(engine->store()));
  CHECK(flushed(engine->store()));
}

TEST_CASE("a callback may write, read and flush again") {
  const auto engine = Engine::make();
  ports::Store& store = engine->store();
  std::promise<Result<void>> promise;
  REQUIRE(store.write([](Transaction& tx) { return Table<Entry>(tx).insert({1, ""}); }));
  store.flush([&](Result<void>) {
    CHECK(store.write([](Transaction& tx) { return Table<Entry>(tx).insert({2, ""}); }));
    CHECK(entries(store) == 2);
    store.flush([&](Result<void> result) { promise.set_value(std::move(result)); });
  });
  CHECK(promise.get_future().get());
}

TEST_CASE("every flush of many threads calls back exactly once") {
  const auto engine = Engine::make();
  ports::Store& store = engine->store();
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  std::atomic<int> called = 0;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const auto row = Entry{t * 1000 + i, ""};
        if (!store.write([&](Transaction& tx) { return Table<Entry>(tx).insert(row); })) ++failed;
        store.flush([&](const Result<void>& result) {
          ++called;
          if (!result) ++failed;
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int ms = 0; ms < 10'000 && called < kThreads * kEach; ++ms) std::this_thread::sleep_for(Duration(1));
  CHECK(flushed(store));
  CHECK(called == kThreads * kEach);
  CHECK(failed == 0);
  engine->reopen();
  CHECK(entries(engine->store()) == kThreads * kEach);
}

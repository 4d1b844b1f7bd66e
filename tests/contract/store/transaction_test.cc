// What a transaction promises: all or nothing, one after the other, visible once returned.
#include <doctest/doctest.h>

#include <thread>

#include "contract/store/engine.h"
#include "contract/store/rows.h"
#include "fails_with.h"

using namespace holdfast;
using namespace holdfast::contract;
using ports::Table;
using ports::Transaction;

namespace {

inline constexpr Reason kChangedMyMind{"changed-my-mind"};

std::int64_t value_of(ports::Store& store, std::string_view name) {
  std::int64_t value = -1;
  REQUIRE(store.read([&](Transaction& tx) -> Result<void> {
    const auto row = TRY(Table<Counter>(tx).find(name));
    value = row ? row->value : -1;
    return {};
  }));
  return value;
}

Result<void> increment(Transaction& tx, std::string_view name) {
  Table<Counter> counters(tx);
  auto row = TRY(counters.find(name));
  if (!row) return counters.insert({std::string(name), 1});
  ++row->value;
  return counters.update(*row);
}

}  // namespace

TEST_CASE("an error rolls back everything that the transaction did, and nothing else") {
  const auto engine = Engine::make();
  ports::Store& store = engine->store();
  REQUIRE(store.write([](Transaction& tx) -> Result<void> {
    for (const std::int64_t number : {1, 2, 3}) TRY(Table<Ship>(tx).insert(ship("north", number, "Kiel", number)));
    return {};
  }));
  const auto result = store.write([](Transaction& tx) -> Result<void> {
    Table<Ship> ships(tx);
    TRY(ships.erase("north", 1));
    TRY(ships.insert(ship("north", 1, "Oslo", 10)));
    TRY(ships.update(ship("north", 2, {}, 20)));
    TRY(ships.update(ship("north", 2, "Riga", 21)));
    TRY(ships.insert(ship("north", 4)));
    TRY(ships.erase("north", 4));
    TRY(ships.erase("north", 3));
    return fail(Next::Denied, kChangedMyMind, "no");
  });
  CHECK(fails_with(result, kChangedMyMind));
  REQUIRE(store.read([](Transaction& tx) -> Result<void> {
    const auto rows = TRY(Table<Ship>(tx).scan({.index = kShipsByHome}));
    REQUIRE(rows.size() == 3);
    for (const std::int64_t i : {1, 2, 3}) {
      CHECK(rows[static_cast<std::size_t>(i - 1)] == ship("north", i, "Kiel", i));
    }
    return {};
  }));
}

TEST_CASE("a transaction goes on after a conflict and after a missing row") {
  const auto engine = Engine::make();
  std::vector<bool> changed;
  REQUIRE(engine->store().write([&](Transaction& tx) -> Result<void> {
    changed.clear();
    Table<Counter> counters(tx);
    TRY(counters.insert({"a", 1}));
    changed.push_back(counters.insert({"a", 2}).has_value());
    changed.push_back(counters.erase("b").has_value());
    changed.push_back(counters.update({"b", 2}).has_value());
    TRY(Table<Ship>(tx).insert(ship("north", 1)));
    TRY(Table<Ship>(tx).insert(ship("north", 2)));
    Ship twin = ship("north", 1);
    twin.hull = ship("north", 2).hull;
    changed.push_back(Table<Ship>(tx).update(twin).has_value());
    return counters.insert({"c", 3});
  }));
  CHECK(changed == std::vector<bool>(4, false));
  CHECK(value_of(engine->store(), "a") == 1);
  CHECK(value_of(engine->store(), "c") == 3);
}

TEST_CASE("what a transaction that fails was told of its changes was true") {
  const auto engine = Engine::make();
  REQUIRE(engine->store().write([](Transaction& tx) { return Table<Counter>(tx).insert({"a", 1}); }));
  const auto result = engine->store().write([](Transaction& tx) -> Result<void> {
    TRY(Table<Counter>(tx).insert({"a", 2}));
    return fail(Next::Denied, kChangedMyMind, "no");
  });
  CHECK(fails_with(result, ports::kRowExists));
}

TEST_CASE("a reading transaction that changes something is refused") {
  const auto engine = Engine::make();
  REQUIRE(engine->store().write([](Transaction& tx) { return Table<Counter>(tx).insert({"a", 1}); }));
  const auto refused = [&](auto operation) {
    const auto result = engine->store().read(operation);
    CHECK(fails_with(result, ports::kStoreReadOnly));
    CHECK(fails_with(result, Next::Rejected));
  };
  refused([](Transaction& tx) { return Table<Counter>(tx).insert({"b", 1}); });
  refused([](Transaction& tx) { return Table<Counter>(tx).update({"a", 2}); });
  refused([](Transaction& tx) { return Table<Counter>(tx).erase("a"); });
  refused([](Transaction& tx) -> Result<void> {
    [[maybe_unused]] const auto ignored = Table<Counter>(tx).erase("a");
    return {};
  });
  CHECK(value_of(engine->store(), "a") == 1);
}

TEST_CASE("a write that returned is visible to the next transaction, flushed or not") {
  const auto engine = Engine::make();
  ports::Store& store = engine->store();
  for (std::int64_t i = 1; i <= 50; ++i) {
    REQUIRE(store.write([](Transaction& tx) { return increment(tx, "seen"); }));
    CHECK(value_of(store, "seen") == i);
    std::int64_t elsewhere = 0;
    std::thread([&] { elsewhere = value_of(store, "seen"); }).join();
    CHECK(elsewhere == i);
  }
}

TEST_CASE("a read of many rows sees what was written before it") {
  const auto engine = Engine::make();
  ports::Store& store = engine->store();
  for (std::int64_t i = 0; i < 2000; i += 500) {
    REQUIRE(store.write([&](Transaction& tx) -> Result<void> {
      for (std::int64_t k = 0; k < 500; ++k) TRY(Table<Entry>(tx).insert({i + k, "x"}));
      return {};
    }));
    std::size_t seen = 0;
    REQUIRE(store.read([&](Transaction& tx) -> Result<void> {
      seen = TRY(Table<Entry>(tx).scan({.limit = ports::kScanRowsMax})).size();
      return {};
    }));
    CHECK(seen == static_cast<std::size_t>(i) + 500);
  }
}

TEST_CASE("two threads that increment one counter lose nothing") {
  const auto engine = Engine::make();
  ports::Store& store = engine->store();
  constexpr int kTimes = 400;
  int failed = 0;
  const auto count = [&](int& failures) {
    for (int i = 0; i < kTimes; ++i) {
      if (!store.write([](Transaction& tx) { return increment(tx, "shared"); })) ++failures;
    }
  };
  int failed_there = 0;
  std::thread other([&] { count(failed_there); });
  count(failed);
  other.join();
  CHECK(failed + failed_there == 0);
  CHECK(value_of(store, "shared") == 2 * kTimes);
}

TEST_CASE("of two transactions that each look at what the other changes, one sees what the other did") {
  const auto engine = Engine::make();
  ports::Store& store = engine->store();
  for (int round = 0; round < 40; ++round) {
    const std::string names[] = {"left " + std::to_string(round), "right " + std::to_string(round)};
    const auto take_if_free = [&](std::size_t mine) {
      return store.write([&, mine](Transaction& tx) -> Result<void> {
        if (TRY(Table<Counter>(tx).find(names[1 - mine]))) return {};
        std::this_thread::yield();
        return Table<Counter>(tx).insert({names[mine], 1});
      });
    };
    Result<void> there;
    std::thread other([&] { there = take_if_free(1); });
    REQUIRE(take_if_free(0));
    other.join();
    REQUIRE(there);
    CHECK(value_of(store, names[0]) + value_of(store, names[1]) == 0);  // 1 and, for what is not there, -1
  }
}

TEST_CASE("a reader never sees half of a transaction") {
  const auto engine = Engine::make();
  ports::Store& store = engine->store();
  REQUIRE(store.write([](Transaction& tx) -> Result<void> {
    TRY(increment(tx, "left"));
    return increment(tx, "right");
  }));
  std::thread writer([&] {
    for (int i = 0; i < 300; ++i) {
      [[maybe_unused]] const auto ignored = store.write([&](Transaction& tx) -> Result<void> {
        TRY(increment(tx, "left"));
        if (i % 3 == 0) return fail(Next::Denied, kChangedMyMind, "no");
        return increment(tx, "right");
      });
      if (i % 10 == 0) store.flush([](const Result<void>&) {});
    }
  });
  for (int i = 0; i < 300; ++i) {
    REQUIRE(store.read([](Transaction& tx) -> Result<void> {
      const auto left = TRY(Table<Counter>(tx).find("left"));
      std::this_thread::yield();
      const auto right = TRY(Table<Counter>(tx).find("right"));
      CHECK(left->value == right->value);
      return {};
    }));
  }
  writer.join();
  CHECK(value_of(store, "left") == 201);
}

TEST_CASE("a transaction larger than the limit is refused whole") {
  const auto engine = Engine::make();
  const auto result = engine->store().write([](Transaction& tx) -> Result<void> {
    for (std::size_t i = 0; i <= ports::kWriteRowsMax; ++i) {
      TRY(Table<Entry>(tx).insert({static_cast<std::int64_t>(i), ""}));
    }
    return {};
  });
  CHECK(fails_with(result, ports::kWriteTooLarge));
  REQUIRE(engine->store().read([](Transaction& tx) -> Result<void> {
    CHECK(TRY(Table<Entry>(tx).scan({})).empty());
    return {};
  }));
}

// In which order rows come, and how a reader turns pages.
#include <doctest/doctest.h>

#include <algorithm>

#include "contract/store/engine.h"
#include "contract/store/rows.h"

using namespace holdfast;
using namespace holdfast::contract;
using ports::Scan;
using ports::Table;
using ports::Transaction;

namespace {

std::vector<std::int64_t> numbers(ports::Store& store, const Scan& scan) {
  std::vector<std::int64_t> out;
  REQUIRE(store.read([&](Transaction& tx) -> Result<void> {
    out.clear();
    for (const Ship& row : TRY(Table<Ship>(tx).scan(scan))) out.push_back(row.number);
    return {};
  }));
  return out;
}

/// The same rows, read in pages of `limit`.
std::vector<std::int64_t> paged(ports::Store& store, Scan scan, std::size_t limit) {
  std::vector<std::int64_t> out;
  scan.limit = limit;
  REQUIRE(store.read([&](Transaction& tx) -> Result<void> {
    out.clear();
    scan.after.reset();
    while (true) {
      const auto rows = TRY(Table<Ship>(tx).scan(scan));
      for (const Ship& row : rows) out.push_back(row.number);
      CHECK(rows.size() <= limit);
      if (rows.size() < limit) return {};
      scan.after = Table<Ship>::cursor(scan.index, rows.back());
    }
  }));
  return out;
}

/// 1 to 12 in two fleets; homes NULL, Bergen, Kiel in turn; crews that tie.
void fill(ports::Store& store) {
  REQUIRE(store.write([](Transaction& tx) -> Result<void> {
    for (const std::int64_t number : {7, 3, 11, 1, 9, 5, 2, 12, 4, 8, 6, 10}) {
      std::optional<std::string> home;
      if (number % 3 != 0) home = number % 3 == 1 ? "Kiel" : "Bergen";
      Ship row = ship(number <= 6 ? "north" : "south", number, home, number / 4);
      if (number % 2 == 0) row.radio = 100 - number;
      TRY(Table<Ship>(tx).insert(row));
    }
    return {};
  }));
}

using Numbers = std::vector<std::int64_t>;

Numbers reversed(Numbers numbers) {
  std::ranges::reverse(numbers);
  return numbers;
}

}  // namespace

TEST_CASE("a scan without an index walks the key, forwards or backwards, up to its limit") {
  const auto engine = Engine::make();
  fill(engine->store());
  const Numbers all = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  CHECK(numbers(engine->store(), {}) == all);
  CHECK(numbers(engine->store(), {.descending = true}) == reversed(all));
  CHECK(numbers(engine->store(), {.limit = 3}) == Numbers{1, 2, 3});
  CHECK(numbers(engine->store(), {.limit = 0}).empty());
}

TEST_CASE("a prefix keeps only the rows that begin with it") {
  const auto engine = Engine::make();
  fill(engine->store());
  CHECK(numbers(engine->store(), {.prefix = ports::record_of("south")}) == Numbers{7, 8, 9, 10, 11, 12});
  CHECK(numbers(engine->store(), {.prefix = ports::record_of("south"), .limit = 2, .descending = true}) ==
        Numbers{12, 11});
  CHECK(numbers(engine->store(), {.prefix = ports::record_of("south", 8)}) == Numbers{8});
  CHECK(numbers(engine->store(), {.prefix = ports::record_of("sout")}).empty());
  CHECK(numbers(engine->store(), {.index = kShipsByHome, .prefix = ports::record_of("Kiel")}) == Numbers{1, 4, 7, 10});
  CHECK(numbers(engine->store(), {.index = kShipsByHome, .prefix = ports::record_of("Kiel", 1)}) == Numbers{4, 7});
}

TEST_CASE("NULL sorts before every value, and a NULL in the prefix finds the rows that have NULL there") {
  const auto engine = Engine::make();
  fill(engine->store());
  const Numbers by_home = {3, 6, 9, 12, 2, 5, 8, 11, 1, 4, 7, 10};
  CHECK(numbers(engine->store(), {.index = kShipsByHome}) == by_home);
  CHECK(numbers(engine->store(), {.index = kShipsByHome, .descending = true}) == reversed(by_home));
  CHECK(numbers(engine->store(), {.index = kShipsByHome, .prefix = {ports::Field()}}) == Numbers{3, 6, 9, 12});
}

TEST_CASE("rows with the same index values come in the order of their keys") {
  const auto engine = Engine::make();
  REQUIRE(engine->store().write([](Transaction& tx) -> Result<void> {
    for (const std::int64_t number : {5, -3, 8, 0}) TRY(Table<Ship>(tx).insert(ship("b", number, "Kiel", 1)));
    return Table<Ship>(tx).insert(ship("a", 6, "Kiel", 1));
  }));
  CHECK(numbers(engine->store(), {.index = kShipsByHome}) == Numbers{6, -3, 0, 5, 8});
  CHECK(numbers(engine->store(), {.index = kShipsByHome, .descending = true}) == Numbers{8, 5, 0, -3, 6});
}

TEST_CASE("pages of any size add up to the whole scan") {
  const auto engine = Engine::make();
  fill(engine->store());
  for (const std::string_view index : {std::string_view(), kShipsByHull, kShipsByRadio, kShipsByHome}) {
    for (const bool descending : {false, true}) {
      const Scan whole{.index = index, .descending = descending};
      for (const std::size_t limit : {1U, 2U, 5U, 12U, 13U}) {
        CAPTURE(index);
        CAPTURE(limit);
        CHECK(paged(engine->store(), whole, limit) == numbers(engine->store(), whole));
      }
    }
  }
  const Scan kiel{.index = kShipsByHome, .prefix = ports::record_of("Kiel"), .descending = true};
  CHECK(paged(engine->store(), kiel, 1) == Numbers{10, 7, 4, 1});
  const Scan nowhere{.index = kShipsByHome, .prefix = {ports::Field()}};
  CHECK(paged(engine->store(), nowhere, 1) == Numbers{3, 6, 9, 12});
}

TEST_CASE("a cursor whose row is gone goes on behind its place") {
  const auto engine = Engine::make();
  fill(engine->store());
  REQUIRE(engine->store().write([](Transaction& tx) { return Table<Ship>(tx).erase("north", 4); }));
  CHECK(numbers(engine->store(), {.after = ports::record_of("north", 4), .limit = 2}) == Numbers{5, 6});
  CHECK(numbers(engine->store(), {.after = ports::record_of("north", 4), .limit = 2, .descending = true}) ==
        Numbers{3, 2});
}

TEST_CASE("text sorts by its bytes and integers as numbers") {
  const auto engine = Engine::make();
  REQUIRE(engine->store().write([](Transaction& tx) -> Result<void> {
    for (const std::string_view name : {"b", "a", "B", "aa", "Ä", "Z", ""}) {
      TRY(Table<Counter>(tx).insert({std::string(name), 0}));
    }
    for (const std::int64_t number : {10, 9, -1, 100}) TRY(Table<Entry>(tx).insert({number, ""}));
    return {};
  }));
  REQUIRE(engine->store().read([](Transaction& tx) -> Result<void> {
    std::string names;
    for (const Counter& row : TRY(Table<Counter>(tx).scan({}))) names += row.name + ",";
    CHECK(names == ",B,Z,a,aa,b,Ä,");
    Numbers sorted;
    for (const Entry& row : TRY(Table<Entry>(tx).scan({}))) sorted.push_back(row.number);
    CHECK(sorted == Numbers{-1, 9, 10, 100});
    return {};
  }));
}

TEST_CASE("a unique index finds its row") {
  const auto engine = Engine::make();
  fill(engine->store());
  REQUIRE(engine->store().read([](Transaction& tx) -> Result<void> {
    CHECK(TRY(Table<Ship>(tx).find_by(kShipsByHull, ship("south", 9).hull))->number == 9);
    CHECK(TRY(Table<Ship>(tx).find_by(kShipsByRadio, "south", 90))->number == 10);
    CHECK_FALSE(TRY(Table<Ship>(tx).find_by(kShipsByRadio, "north", 90)));
    return {};
  }));
}

TEST_CASE("a scan inside a transaction sees what the transaction did") {
  const auto engine = Engine::make();
  fill(engine->store());
  REQUIRE(engine->store().write([](Transaction& tx) -> Result<void> {
    Table<Ship> ships(tx);
    TRY(ships.erase("north", 1));
    TRY(ships.insert(ship("north", 20, "Kiel", 0)));
    TRY(ships.update(ship("south", 7, "Bergen", 9)));
    Numbers seen;
    for (const Ship& row : TRY(ships.scan({.index = kShipsByHome, .prefix = ports::record_of("Kiel")}))) {
      seen.push_back(row.number);
    }
    CHECK(seen == Numbers{20, 4, 10});
    return {};
  }));
}

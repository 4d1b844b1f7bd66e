// What happens to single rows, and which rows exclude each other.
#include "contract/store/rows.h"

#include <doctest/doctest.h>

#include <limits>

#include "contract/store/engine.h"
#include "fails_with.h"

using namespace holdfast;
using namespace holdfast::contract;
using ports::Table;
using ports::Transaction;

namespace {

template <class Row, class... Key>
std::optional<Row> stored(ports::Store& store, const Key&... key) {
  std::optional<Row> out;
  REQUIRE(store.read([&](Transaction& tx) -> Result<void> {
    out = TRY(Table<Row>(tx).find(key...));
    return {};
  }));
  return out;
}

template <class Row>
Result<void> insert(ports::Store& store, const Row& row) {
  return store.write([&](Transaction& tx) { return Table<Row>(tx).insert(row); });
}

template <class Row>
Result<void> update(ports::Store& store, const Row& row) {
  return store.write([&](Transaction& tx) { return Table<Row>(tx).update(row); });
}

}  // namespace

TEST_CASE("a row comes back as it was inserted") {
  const auto engine = Engine::make();
  Ship row = ship("north", std::numeric_limits<std::int64_t>::min(), "Kiel", std::numeric_limits<std::int64_t>::max());
  row.radio = -1;
  REQUIRE(insert(engine->store(), row));
  CHECK(stored<Ship>(engine->store(), row.fleet, row.number) == row);
  CHECK_FALSE(stored<Ship>(engine->store(), "north", 1));
  CHECK_FALSE(stored<Ship>(engine->store(), "nort", row.number));
}

TEST_CASE("empty text and an empty blob are not NULL, and bytes of any value survive") {
  const auto engine = Engine::make();
  Ship row = ship("", 0, "");
  row.hull.clear();
  REQUIRE(insert(engine->store(), row));
  CHECK(stored<Ship>(engine->store(), "", 0) == row);
  row.number = 1;
  for (int byte = 0; byte < 256; ++byte) row.hull.push_back(static_cast<std::uint8_t>(byte));
  row.home = "Ærøskøbing \U0001F6A2 'quoted\" ; --";
  REQUIRE(insert(engine->store(), row));
  CHECK(stored<Ship>(engine->store(), "", 1) == row);
}

TEST_CASE("a row of a megabyte survives") {
  const auto engine = Engine::make();
  const Entry row{1, std::string(1024 * 1024, 'x')};
  REQUIRE(insert(engine->store(), row));
  CHECK(stored<Entry>(engine->store(), 1)->note == row.note);
}

TEST_CASE("what an index holds may be as large as is said, and no larger") {
  const auto engine = Engine::make();
  Ship row = ship("north", 1);
  for (std::size_t i = 0; row.hull.size() < ports::kIndexedBytesMax; ++i) {
    row.hull.push_back(static_cast<std::uint8_t>(i * i * 31 >> 3));  // nothing that an engine could compress
  }
  row.hull.resize(ports::kIndexedBytesMax);
  REQUIRE(insert(engine->store(), row));
  CHECK(stored<Ship>(engine->store(), "north", 1) == row);
  row.number = 2;
  row.hull.push_back(0);
  CHECK(fails_with(insert(engine->store(), row), ports::kRowMalformed));
}

TEST_CASE("a second row with the same key is a conflict and changes nothing") {
  const auto engine = Engine::make();
  REQUIRE(insert(engine->store(), ship("north", 1, "Kiel")));
  Ship other = ship("north", 1, "Oslo");
  other.hull = {9};
  CHECK(fails_with(insert(engine->store(), other), ports::kRowExists));
  CHECK(fails_with(insert(engine->store(), other), Next::Conflict));
  CHECK(stored<Ship>(engine->store(), "north", 1)->home == "Kiel");
  REQUIRE(insert(engine->store(), Entry{7, "seven"}));
  CHECK(fails_with(insert(engine->store(), Entry{7, "again"}), ports::kRowExists));
  REQUIRE(insert(engine->store(), Counter{"a", 1}));
  CHECK(fails_with(insert(engine->store(), Counter{"a", 2}), ports::kRowExists));
}

TEST_CASE("a value that a unique index already has is a conflict, inserted or updated to") {
  const auto engine = Engine::make();
  REQUIRE(insert(engine->store(), ship("north", 1)));
  REQUIRE(insert(engine->store(), ship("north", 2)));
  Ship twin = ship("south", 3);
  twin.hull = ship("north", 1).hull;
  CHECK(fails_with(insert(engine->store(), twin), ports::kRowExists));
  CHECK_FALSE(stored<Ship>(engine->store(), "south", 3));
  Ship second = ship("north", 2);
  second.hull = twin.hull;
  CHECK(fails_with(update(engine->store(), second), ports::kRowExists));
  CHECK(stored<Ship>(engine->store(), "north", 2) == ship("north", 2));
}

TEST_CASE("NULL never collides in a unique index") {
  const auto engine = Engine::make();
  REQUIRE(insert(engine->store(), ship("north", 1)));
  REQUIRE(insert(engine->store(), ship("north", 2)));
  Ship first = ship("north", 1);
  first.radio = 16;
  REQUIRE(update(engine->store(), first));
  Ship second = ship("north", 2);
  second.radio = 16;
  CHECK(fails_with(update(engine->store(), second), ports::kRowExists));
  Ship elsewhere = ship("south", 1);
  elsewhere.radio = 16;
  CHECK(insert(engine->store(), elsewhere));
}

TEST_CASE("a unique value can be taken again once its row gave it up") {
  const auto engine = Engine::make();
  REQUIRE(insert(engine->store(), ship("north", 1)));
  Ship heir = ship("south", 1);
  heir.hull = ship("north", 1).hull;
  REQUIRE(engine->store().write([&](Transaction& tx) -> Result<void> {
    TRY(Table<Ship>(tx).erase("north", 1));
    return Table<Ship>(tx).insert(heir);
  }));
  CHECK(stored<Ship>(engine->store(), "south", 1) == heir);
}

TEST_CASE("an update replaces every column of the row with its key and no other row") {
  const auto engine = Engine::make();
  REQUIRE(insert(engine->store(), ship("north", 1, "Kiel", 5)));
  REQUIRE(insert(engine->store(), ship("north", 2, "Kiel", 5)));
  Ship changed = ship("north", 1, {}, 6);
  changed.hull = {1, 2, 3};
  changed.radio = 4;
  REQUIRE(update(engine->store(), changed));
  CHECK(stored<Ship>(engine->store(), "north", 1) == changed);
  CHECK(stored<Ship>(engine->store(), "north", 2) == ship("north", 2, "Kiel", 5));
  CHECK(update(engine->store(), changed));
  CHECK(stored<Ship>(engine->store(), "north", 1) == changed);
}

TEST_CASE("a row that is all key can be updated to itself") {
  const auto engine = Engine::make();
  REQUIRE(insert(engine->store(), Membership{{1}, "anna"}));
  CHECK(update(engine->store(), Membership{{1}, "anna"}));
  CHECK(fails_with(update(engine->store(), Membership{{1}, "otto"}), ports::kRowMissing));
}

TEST_CASE("updating or erasing a row that is not there says so") {
  const auto engine = Engine::make();
  CHECK(fails_with(update(engine->store(), ship("north", 1)), ports::kRowMissing));
  CHECK(fails_with(update(engine->store(), ship("north", 1)), Next::NotFound));
  const auto erase = [&] {
    return engine->store().write([](Transaction& tx) { return Table<Ship>(tx).erase("north", 1); });
  };
  CHECK(fails_with(erase(), ports::kRowMissing));
  REQUIRE(insert(engine->store(), ship("north", 1)));
  CHECK(erase());
  CHECK_FALSE(stored<Ship>(engine->store(), "north", 1));
  CHECK(fails_with(erase(), ports::kRowMissing));
  CHECK(insert(engine->store(), ship("north", 1)));
}

TEST_CASE("a row, a key or a scan of another shape is refused and ends the transaction") {
  const auto engine = Engine::make();
  const auto refused = [&](auto operation, Reason reason) {
    const auto result = engine->store().write([&](Transaction& tx) -> Result<void> {
      TRY(Table<Counter>(tx).insert({"kept", 1}));
      CHECK(fails_with(operation(tx), reason));
      CHECK(fails_with(Table<Counter>(tx).find("kept"), reason));
      return {};
    });
    CHECK(fails_with(result, reason));
    CHECK_FALSE(stored<Counter>(engine->store(), "kept"));
  };
  const ports::Schema& schema = Ship::schema();
  refused([&](Transaction& tx) { return tx.insert(schema, {}); }, ports::kRowMalformed);
  refused([&](Transaction& tx) { return tx.update(schema, ports::record_of("north", 1)); }, ports::kRowMalformed);
  refused([&](Transaction& tx) { return tx.erase(schema, ports::record_of(1, "north")); }, ports::kRowMalformed);
  refused([&](Transaction& tx) { return tx.get(schema, ports::record_of("no\xFFrth", 1)); }, ports::kRowMalformed);
  refused([&](Transaction& tx) { return tx.scan(schema, {.index = "nowhere"}); }, ports::kScanMalformed);
}

// Thousands of random transactions, some of which fail half-way, against the model: every answer and every row agree.
#include "contract/store/model.h"

#include <doctest/doctest.h>

#include <future>

#include "contract/store/engine.h"
#include "contract/store/rows.h"
#include "ports/store/shape.h"

using namespace holdfast;
using namespace holdfast::contract;
using ports::Record;
using ports::Table;
using ports::Transaction;

namespace {

inline constexpr Reason kGivenUp{"given-up"};

/// A linear congruential generator: the same story in every run.
struct Dice {
  std::uint64_t state;
  std::int64_t below(std::int64_t limit) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::int64_t>((state >> 33) % static_cast<std::uint64_t>(limit));
  }
  bool one_in(std::int64_t n) { return below(n) == 0; }
};

Ship random_ship(Dice& dice) {
  Ship row = ship(dice.one_in(2) ? "north" : "south", dice.below(12));
  row.hull = {static_cast<std::uint8_t>(dice.below(20))};
  if (!dice.one_in(3)) row.home = std::string(1, static_cast<char>('a' + dice.below(3)));
  row.crew = dice.below(3) - 1;
  if (dice.one_in(2)) row.radio = dice.below(8);
  return row;
}

ports::Scan random_scan(Dice& dice) {
  constexpr std::string_view kIndexes[] = {"", kShipsByHull, kShipsByRadio, kShipsByHome};
  ports::Scan scan{.index = kIndexes[dice.below(4)], .limit = static_cast<std::size_t>(dice.below(30))};
  scan.descending = dice.one_in(2);
  const Record other = ports::to_record(random_ship(dice));
  const auto columns = path_of(Ship::schema(), scan)->columns;
  const std::size_t fixed_max = scan.index.empty() || scan.index == kShipsByRadio || scan.index == kShipsByHome ? 2 : 1;
  const auto fixed = static_cast<std::size_t>(dice.below(static_cast<std::int64_t>(fixed_max) + 1));
  for (std::size_t i = 0; i < fixed; ++i) scan.prefix.push_back(other[columns[i]]);
  if (dice.one_in(2)) scan.after = cursor(Ship::schema(), scan.index, other);
  return scan;
}

/// One operation on both; whether they agree.
Result<bool> act(Transaction& tx, ModelTable& model, Dice& dice) {
  Table<Ship> ships(tx);
  const Ship row = random_ship(dice);
  const Record record = ports::to_record(row);
  const Record key = key_of(Ship::schema(), record);
  switch (dice.below(5)) {
    case 0: return ships.insert(row).has_value() == model.insert(record);
    case 1: return ships.update(row).has_value() == model.update(record);
    case 2: return ships.erase(row.fleet, row.number).has_value() == model.erase(key);
    case 3: return TRY(tx.get(Ship::schema(), key)) == model.get(key);
    default: {
      const ports::Scan scan = random_scan(dice);
      return TRY(tx.scan(Ship::schema(), scan)) == model.scan(scan);
    }
  }
}

void play(Engine& engine, Dice dice, int transactions) {
  ModelTable model(Ship::schema());
  for (int i = 0; i < transactions; ++i) {
    const ModelTable before = model;
    const bool give_up = dice.one_in(3);
    const std::int64_t operations = 1 + dice.below(8);
    const Dice then = dice;
    std::int64_t agreed = 0;
    const auto result = engine.store().write([&](Transaction& tx) -> Result<void> {
      model = before;
      dice = then;
      agreed = 0;
      for (std::int64_t k = 0; k < operations; ++k) agreed += TRY(act(tx, model, dice)) ? 1 : 0;
      if (give_up) return fail(Next::Denied, kGivenUp, "given up");
      return {};
    });
    CHECK(agreed == operations);
    REQUIRE(result.has_value() == !give_up);
    if (give_up) model = before;
    if (dice.one_in(20)) engine.store().flush([](const Result<void>&) {});
    if (!dice.one_in(4)) continue;
    const ports::Scan scan = random_scan(dice);
    REQUIRE(engine.store().read([&](Transaction& tx) -> Result<void> {
      CHECK(TRY(tx.scan(Ship::schema(), {.limit = 1000})) == model.scan({.limit = 1000}));
      CHECK(TRY(tx.scan(Ship::schema(), scan)) == model.scan(scan));
      return {};
    }));
  }
}

}  // namespace

TEST_CASE("random transactions agree with a model, also those that fail half-way") {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    CAPTURE(seed);
    play(*Engine::make(), Dice{seed}, 400);
  }
}

// What the simulated store does that no real one can be asked to: lose power, refuse a flush, answer late.
#include "sim/store/memory_store.h"

#include <doctest/doctest.h>

#include "fails_with.h"
#include "ports/store/table_codec.h"

using namespace holdfast;
using namespace holdfast::sim::store;
using ports::Table;
using ports::Transaction;

namespace {

inline constexpr Reason kCrashed{"crashed"};

struct Note {
  std::int64_t number = 0;

  static const ports::Schema& schema() {
    static const ports::Schema kSchema{"notes", {{"number", ports::FieldKind::Integer}}, 1, {}};
    return kSchema;
  }
  auto fields() { return std::tie(number); }
  auto fields() const { return std::tie(number); }
};

Result<void> write(MemoryStore& store, std::int64_t number) {
  return store.write([&](Transaction& tx) { return Table<Note>(tx).insert({number}); });
}

std::size_t count(MemoryStore& store) {
  std::size_t out = 0;
  REQUIRE(store.read([&](Transaction& tx) -> Result<void> {
    out = TRY(Table<Note>(tx).scan({})).size();
    return {};
  }));
  return out;
}

struct Answers {
  int good = 0;
  int bad = 0;
  auto operator()() {
    return [this](const Result<void>& result) { ++(result ? good : bad); };
  }
};

}  // namespace

TEST_CASE("a power cut keeps what was flushed and loses what was not") {
  MemoryStore store;
  Answers answers;
  REQUIRE(write(store, 1));
  store.flush(answers());
  REQUIRE(write(store, 2));
  REQUIRE(write(store, 3));
  CHECK(answers.good == 1);
  CHECK(store.unflushed_writes() == 2);
  store.crash();
  CHECK(count(store) == 1);
  CHECK(write(store, 2));
}

TEST_CASE("a power cut may keep any prefix of what was not flushed") {
  MemoryStore store;
  for (const std::int64_t number : {1, 2, 3}) REQUIRE(write(store, number));
  store.crash(2);
  CHECK(count(store) == 2);
  store.crash();
  CHECK(count(store) == 2);
}

TEST_CASE("a held flush calls back when it is completed and covers only what was written before it") {
  MemoryStore store({.hold_flushes = true});
  Answers answers;
  REQUIRE(write(store, 1));
  store.flush(answers());
  REQUIRE(write(store, 2));
  CHECK(answers.good == 0);
  CHECK(store.complete_flushes() == 1);
  CHECK(answers.good == 1);
  store.crash();
  CHECK(count(store) == 1);
}

TEST_CASE("nobody hears of a flush that a power cut interrupted") {
  MemoryStore store({.hold_flushes = true});
  Answers answers;
  REQUIRE(write(store, 1));
  store.flush(answers());
  store.crash();
  CHECK(store.complete_flushes() == 0);
  CHECK(answers.good + answers.bad == 0);
  CHECK(count(store) == 0);
}

TEST_CASE("writes that the disk refused are gone, and their flushes fail, also those still to come") {
  MemoryStore store({.hold_flushes = true});
  Answers answers;
  REQUIRE(write(store, 1));
  store.flush(answers());
  REQUIRE(write(store, 2));
  store.lose_unflushed({Next::Exhausted, ports::kStoreFailed, "the disk is full"});
  CHECK(answers.bad == 1);
  CHECK(count(store) == 0);
  store.set_faults({});
  store.flush(answers());
  CHECK(answers.bad == 2);
  REQUIRE(write(store, 3));
  store.flush(answers());
  CHECK(answers.good == 1);
}

TEST_CASE("a crash at any step answers with an error from then on, and keeps exactly what was durable") {
  struct Outcome {
    std::string_view step;
    std::size_t rows_after;
  };
  const auto story = [](MemoryStore& store, Answers& answers) {
    if (!write(store, 1)) return;
    if (!store.read([](Transaction&) -> Result<void> { return {}; })) return;
    store.flush(answers());
  };
  for (const Outcome& outcome : {Outcome{"write", 0}, {"written", 0}, {"read", 0}, {"flush", 0}, {"flushed", 1}}) {
    CAPTURE(outcome.step);
    bool crashed = false;
    MemoryStore store({.before_each_step = [&](std::string_view step) -> Result<void> {
      crashed = crashed || step == outcome.step;
      if (crashed) return fail(Next::Retry, kCrashed, "the power is off");
      return {};
    }});
    Answers answers;
    story(store, answers);
    CHECK(answers.good == 0);
    CHECK(fails_with(write(store, 9), kCrashed));
    store.set_faults({});
    store.crash();
    CHECK(count(store) == outcome.rows_after);
  }
}

TEST_CASE("a Work that runs twice leaves what one run would") {
  MemoryStore store({.rerun_every = 1});
  int runs = 0;
  REQUIRE(store.write([&](Transaction& tx) -> Result<void> {
    ++runs;
    return Table<Note>(tx).insert({runs});
  }));
  CHECK(runs == 2);
  CHECK(count(store) == 1);
}

#include "sim/random/seeded_random.h"

#include <doctest/doctest.h>

using namespace holdfast;
using sim::random::SeededRandom;

TEST_CASE("a seed repeats its stream however it is drawn") {
  SeededRandom one(7);
  SeededRandom two(7);
  Blob whole(100);
  one.fill(whole);
  Blob pieces(100);
  for (std::size_t at = 0; at < 100; at += 10) two.fill(std::span(pieces).subspan(at, 10));
  CHECK(whole == pieces);
  CHECK(random_array<32>(one) == random_array<32>(two));
}

TEST_CASE("other seeds and other labels draw otherwise") {
  SeededRandom one(1);
  SeededRandom a = one.fork("a");
  SeededRandom b = one.fork("b");
  SeededRandom again = SeededRandom(1).fork("a");
  const auto drawn = random_array<32>(a);
  CHECK(drawn == random_array<32>(again));
  CHECK(drawn != random_array<32>(b));
  CHECK(drawn != random_array<32>(one));
}

TEST_CASE("numbers stay below their bound and reach all of it") {
  SeededRandom random(3);
  bool seen[5] = {};
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t value = random.below(5);
    REQUIRE(value < 5);
    seen[value] = true;
  }
  for (const bool one : seen) CHECK(one);
}

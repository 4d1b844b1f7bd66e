#include "bench/compare.h"

#include <doctest/doctest.h>

#include "bench/table.h"

namespace holdfast::bench {
namespace {

/// A clock that only the two sides move: each call takes exactly what it says.
struct Played {
  std::int64_t now_ns = 0;
  std::int64_t peer_calls = 0;
  std::vector<char> order;

  Comparison comparison(std::int64_t subject_ns, std::int64_t peer_ns) {
    return {.name = "n",
            .what = "w",
            .against = "a",
            .ratio_max = 1.5,
            .subject = [this, subject_ns] { spend('s', subject_ns); },
            .peer = [this, peer_ns] { spend('p', peer_ns), ++peer_calls; }};
  }
  void spend(char who, std::int64_t ns) {
    now_ns += ns;
    if (order.empty() || order.back() != who) order.push_back(who);
  }
  CpuClock clock() {
    return [this] { return now_ns; };
  }
};

TEST_CASE("the ratio is the subject's time over the peer's") {
  Played played;
  const Measured measured = measure(played.comparison(3000, 2000), {}, played.clock());
  CHECK(measured.ratio == doctest::Approx(1.5));
  CHECK(measured.subject_us == doctest::Approx(3));
  CHECK(measured.peer_us == doctest::Approx(2));
}

TEST_CASE("the sides take turns, and who begins alternates") {
  Played played;
  measure(played.comparison(1000, 1000), {.rounds = 5, .turn = Duration(1)}, played.clock());
  // Finding the number of calls: s p. Then the rounds s p · p s · s p · p s · s p, where equal neighbours merge.
  CHECK(std::string(played.order.begin(), played.order.end()) == "spspspsp");
}

TEST_CASE("a few disturbed rounds do not move the median") {
  Played played;
  Comparison comparison = played.comparison(1000, 1000);
  std::int64_t calls = 0;
  comparison.subject = [&] {
    ++calls;
    played.spend('s', calls > 60 && calls < 90 ? 90'000 : 1000);
  };
  const Measured measured = measure(comparison, {.rounds = 15, .turn = Duration(1)}, played.clock());
  CHECK(measured.ratio == doctest::Approx(1));
}

TEST_CASE("a ratio at its bound is met, above it is missed") {
  Played played;
  const Comparison comparison = played.comparison(1, 1);
  CHECK(is_met(comparison, {.ratio = 1.5}));
  CHECK_FALSE(is_met(comparison, {.ratio = 1.51}));
  CHECK(row_of(comparison, {.ratio = 1.51}).find("MISSED") != std::string::npos);
}

TEST_CASE("real CPU time does not go back") {
  const std::int64_t before = thread_cpu_ns();
  CHECK(thread_cpu_ns() >= before);
}

}  // namespace
}  // namespace holdfast::bench

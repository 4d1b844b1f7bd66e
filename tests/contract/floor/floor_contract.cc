#include <doctest/doctest.h>

#include "floor_bench.h"
#include "floor_words.h"

namespace holdfast::tests {
namespace {

constexpr std::uint8_t kAuthority = 7;

Result<void> raise(FloorBench& bench, std::string_view component, std::int64_t version) {
  const auto word = vault_word_by(kAuthority, component, version);
  return bench.floor().raise(component, version, &word);
}

TEST_CASE("a floor begins at zero, only rises, and is there after a power cut") {
  const auto bench = new_floor();
  if (!bench) return;
  CHECK(bench->floor().read("os")->lowest == 0);
  REQUIRE(raise(*bench, "os", 3));
  REQUIRE(raise(*bench, "os", 2));
  bench->power_cycle();
  CHECK(bench->floor().read("os")->lowest == 3);
  CHECK(bench->floor().read("app")->lowest == 0);
  REQUIRE(raise(*bench, "os", 5));
  REQUIRE(raise(*bench, "app", 1));
  bench->power_cycle();
  CHECK(bench->floor().read("os")->lowest == 5);
  CHECK(bench->floor().read("app")->lowest == 1);
}

TEST_CASE("a floor rises without a word, too, and with one again") {
  const auto bench = new_floor();
  if (!bench) return;
  REQUIRE(bench->floor().raise("os", 2, nullptr));
  CHECK(bench->floor().read("os")->lowest == 2);
  REQUIRE(raise(*bench, "os", 3));
  REQUIRE(bench->floor().raise("os", 4, nullptr));
  CHECK(bench->floor().read("os")->lowest == 4);
}

}  // namespace
}  // namespace holdfast::tests

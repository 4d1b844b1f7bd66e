#include "ports/store/shape.h"

#include <doctest/doctest.h>

#include "fails_with.h"
#include "ports/store/table.h"

using namespace holdfast;
using namespace holdfast::ports;

namespace {

const Schema kShips{"ships",
                    {{"fleet", FieldKind::Text},
                     {"number", FieldKind::Integer},
                     {"hull", FieldKind::Blob},
                     {"home", FieldKind::Text, true}},
                    2,
                    {{"ships_by_home", {3, 0}, false}, {"ships_by_hull", {2}, true}}};

Record ship(std::string_view fleet, Field home) {
  return {std::string(fleet), std::int64_t{7}, Blob{1, 2}, std::move(home)};
}

}  // namespace

TEST_CASE("a row of the schema's shape is accepted, with NULL where it may be") {
  CHECK(require_row(kShips, ship("north", std::string("Kiel"))));
  CHECK(require_row(kShips, ship("north", {})));
  CHECK(require_key(kShips, {std::string("north"), std::int64_t{7}}));
}

TEST_CASE("a row of another shape is refused") {
  CHECK(fails_with(require_row(kShips, {std::string("north")}), kRowMalformed));
  CHECK(fails_with(require_row(kShips, ship("north", std::int64_t{1})), kRowMalformed));
  CHECK(fails_with(require_row(kShips, {{}, std::int64_t{7}, Blob{}, {}}), kRowMalformed));
  CHECK(fails_with(require_key(kShips, {std::string("north")}), kRowMalformed));
  CHECK(fails_with(require_row(kShips, ship(std::string(kFieldBytesMax + 1, 'x'), {})), kRowMalformed));
}

TEST_CASE("text that some engine could not hold is refused") {
  using namespace std::string_view_literals;
  for (const auto text : {"a\0b"sv, "\x80"sv, "\xC1\x80"sv, "\xE0\x80\x80"sv, "\xED\xA0\x80"sv, "\xF4\x90\x80\x80"sv,
                          "\xF5\x80\x80\x80"sv, "\xC3"sv, "\xE2\x82"sv, "\xF0\x90\x80"sv, "ok\xFF"sv}) {
    CHECK(fails_with(require_row(kShips, ship(text, {})), kRowMalformed));
  }
  for (const auto text : {""sv, "Åland"sv, "\xE2\x82\xAC"sv, "\xF0\x90\x80\x80"sv, "\xF4\x8F\xBF\xBF"sv, "\u007f"sv}) {
    CHECK(require_row(kShips, ship(text, {})));
  }
}

TEST_CASE("a scan walks its index's columns and then the key's that the index lacks") {
  const auto path = path_of(kShips, {.index = "ships_by_home"});
  REQUIRE(path);
  CHECK(path->columns == std::vector<std::size_t>{3, 0, 1});
  CHECK(path_of(kShips, {})->columns == std::vector<std::size_t>{0, 1});
  CHECK(path_of(kShips, {.index = "ships_by_hull"})->columns == std::vector<std::size_t>{2, 0, 1});
}

TEST_CASE("a cursor of a row is taken back by the scan that it came from") {
  const Record row = ship("north", std::string("Kiel"));
  const auto path = path_of(
      kShips, {.index = "ships_by_home", .prefix = record_of("Kiel"), .after = cursor(kShips, "ships_by_home", row)});
  REQUIRE(path);
  CHECK(path->after == record_of("Kiel", "north", 7));
  CHECK(path_of(kShips, {.after = cursor(kShips, "", row)})->after == record_of("north", 7));
}

TEST_CASE("a scan of another shape is refused") {
  const auto refused = [](const Scan& scan) { return fails_with(path_of(kShips, scan), kScanMalformed); };
  CHECK(refused({.index = "ships_by_mast"}));
  CHECK(refused({.limit = kScanRowsMax + 1}));
  CHECK(refused({.prefix = record_of(7)}));
  CHECK(refused({.prefix = record_of("north", 7, 7)}));
  CHECK(refused({.prefix = record_of("no\xFF")}));
}

TEST_CASE("a cursor forged or taken from another scan is refused") {
  const auto refused = [](const Scan& scan) { return fails_with(path_of(kShips, scan), kScanMalformed); };
  CHECK(refused({.after = record_of("north")}));
  CHECK(refused({.after = record_of(7, "north")}));
  CHECK(refused({.prefix = record_of("south"), .after = record_of("north", 7)}));
  CHECK(refused({.after = Record{{}, std::int64_t{7}}}));
}

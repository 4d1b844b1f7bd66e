#include "linux/store/sql/text.h"

#include <doctest/doctest.h>

#include "ports/store/table.h"

using namespace holdfast;
using namespace holdfast::linux::store::sql;
using ports::FieldKind;

namespace {

const ports::Schema kShips{
    "ships",
    {{"fleet", FieldKind::Text}, {"number", FieldKind::Integer}, {"home", FieldKind::Text, true}},
    2,
    {{"ships_by_home", {2}, false}}};

std::vector<std::string> texts(const ports::Scan& scan) {
  std::vector<std::string> out;
  const auto path = path_of(kShips, scan);
  REQUIRE(path);
  for (const Stretch& stretch : stretches_of(kShips, *path, scan)) {
    const std::string text = stretch_text(kShips, stretch, Mark::Question);
    out.push_back(text.substr(text.find(" FROM \"ships\"") + 13));
  }
  return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("names cannot leave their quotes") {
  CHECK(quoted("plain") == "\"plain\"");
  CHECK(quoted("a\" OR 1; --") == "\"a\"\" OR 1; --\"");
}

TEST_CASE("changes name their columns and take every value as a parameter") {
  CHECK(insert_text(kShips, Mark::Question) ==
        "INSERT INTO \"ships\" (\"fleet\", \"number\", \"home\") VALUES (?1, ?2, ?3)");
  CHECK(update_text(kShips, 0b100, Mark::Dollar) ==
        "UPDATE \"ships\" SET \"home\" = $1 WHERE \"fleet\" = $2 AND \"number\" = $3");
  CHECK(erase_text(kShips, Mark::Question) == "DELETE FROM \"ships\" WHERE \"fleet\" = ?1 AND \"number\" = ?2");
  CHECK(get_text(kShips, Mark::Question) ==
        "SELECT \"fleet\", \"number\", \"home\" FROM \"ships\" WHERE \"fleet\" = ?1 AND \"number\" = ?2");
}

TEST_CASE("a first page is one stretch") {
  CHECK(texts({}) == Texts{" ORDER BY \"fleet\" ASC, \"number\" ASC LIMIT ?1"});
  CHECK(texts({.prefix = ports::record_of("north"), .descending = true}) ==
        Texts{" WHERE \"fleet\" = ?1 ORDER BY \"number\" DESC LIMIT ?2"});
  CHECK(texts({.index = "ships_by_home", .prefix = {ports::Field()}}) ==
        Texts{" WHERE \"home\" IS NULL ORDER BY \"fleet\" ASC, \"number\" ASC LIMIT ?1"});
}

TEST_CASE("a later page is a stretch for every column that may differ from the cursor, the last column first") {
  CHECK(texts({.after = ports::record_of("north", 7)}) ==
        Texts{" WHERE \"fleet\" = ?1 AND \"number\" > ?2 ORDER BY \"number\" ASC LIMIT ?3",
              " WHERE \"fleet\" > ?1 ORDER BY \"fleet\" ASC, \"number\" ASC LIMIT ?2"});
  CHECK(texts({.prefix = ports::record_of("north"), .after = ports::record_of("north", 7)}).size() == 1);
}

TEST_CASE("NULL comes first: behind it lie all values, and behind a value downwards lies NULL") {
  const Texts up = texts({.index = "ships_by_home", .after = ports::Record{{}, std::string("north"), std::int64_t{7}}});
  REQUIRE(up.size() == 3);
  CHECK(up[0].starts_with(" WHERE \"home\" IS NULL AND \"fleet\" = ?1 AND \"number\" > ?2 "));
  CHECK(up[2].starts_with(" WHERE \"home\" IS NOT NULL ORDER BY \"home\" ASC NULLS FIRST"));
  const Texts down =
      texts({.index = "ships_by_home", .after = ports::record_of("Kiel", "north", 7), .descending = true});
  REQUIRE(down.size() == 4);
  CHECK(down[2].starts_with(" WHERE \"home\" < ?1 ORDER BY \"home\" DESC NULLS LAST"));
  CHECK(down[3].starts_with(" WHERE \"home\" IS NULL ORDER BY \"fleet\" DESC"));
}

TEST_CASE("stretches of different text have different shapes") {
  std::vector<std::pair<std::pair<std::uint32_t, std::uint64_t>, std::string>> seen;
  for (const std::string_view index : {"", "ships_by_home"}) {
    for (const bool descending : {false, true}) {
      for (const ports::Record& row : {ports::Record{std::string("n"), std::int64_t{7}, std::string("K")},
                                       ports::Record{std::string("n"), std::int64_t{7}, {}}}) {
        const ports::Scan scan{.index = index, .after = cursor(kShips, index, row), .descending = descending};
        for (const Stretch& stretch : stretches_of(kShips, *path_of(kShips, scan), scan)) {
          seen.push_back({{stretch.shape(), stretch.nulls}, stretch_text(kShips, stretch, Mark::Dollar)});
        }
      }
    }
  }
  for (const auto& a : seen) {
    for (const auto& b : seen) CHECK((a.first == b.first) == (a.second == b.second));
  }
}

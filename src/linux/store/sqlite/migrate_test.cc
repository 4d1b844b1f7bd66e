#include "linux/store/sqlite/migrate.h"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <thread>

#include "fails_with.h"
#include "linux/store/sql/text.h"
#include "linux/store/sqlite/database.h"
#include "linux/store/sqlite/files.h"
#include "linux/store/sqlite/test_rows.h"
#include "ports/store/shape.h"
#include "temporary_folder.h"

using namespace holdfast;
using namespace holdfast::linux::store::sqlite;
using ports::FieldKind;
using ports::Migration;
using ports::Schema;
namespace sql = holdfast::linux::store::sql;

namespace {

const Schema kFirst{
    "ships", {{"fleet", FieldKind::Text}, {"number", FieldKind::Integer}, {"hull", FieldKind::Blob}}, 2, {}};
const Schema kThird{"ships",
                    {{"fleet", FieldKind::Text},
                     {"number", FieldKind::Integer},
                     {"hull", FieldKind::Blob},
                     {"home", FieldKind::Text, true}},
                    2,
                    {{"ships_by_home", {3, 0}, false}, {"ships_by_hull", {2}, true}}};

const std::vector<Migration> kMigrations = {
    {1, "ships", {ports::CreateTable{&kFirst}}},
    {2, "homes", {ports::AddColumn{&kThird, 3}}},
    {3, "ships by home and hull", {ports::AddIndex{&kThird, 0}, ports::AddIndex{&kThird, 1}}},
};

std::vector<Migration> first(std::size_t count) {
  return {kMigrations.begin(), kMigrations.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// The first column of every row.
std::vector<std::string> ask(const std::string& path, const std::string& sql, int column = 0) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  std::vector<std::string> out;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    out.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, column)));
  }
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  return out;
}

void tamper(const std::string& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  CHECK(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("tables are strict, and ordered by their key where that keeps rows small") {
  CHECK(sql::create_table_text(kFirst, dialect()) ==
        "CREATE TABLE \"ships\" (\"fleet\" TEXT NOT NULL, \"number\" INTEGER NOT NULL, \"hull\" BLOB NOT NULL, "
        "PRIMARY KEY (\"fleet\", \"number\")) STRICT");
  CHECK(sql::create_table_text(Tally::schema(), dialect()).ends_with("STRICT, WITHOUT ROWID"));
  CHECK(sql::create_table_text(Note::schema(), dialect()).ends_with("STRICT"));
  CHECK(sql::create_index_text(kThird, kThird.indexes[0], dialect()) ==
        "CREATE INDEX \"ships_by_home\" ON \"ships\" (\"home\", \"fleet\", \"number\")");
  CHECK(sql::create_index_text(kThird, kThird.indexes[1], dialect()) ==
        "CREATE UNIQUE INDEX \"ships_by_hull\" ON \"ships\" (\"hull\")");
}

TEST_CASE("a database is brought forward from wherever it was, with its rows") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "store.db";
  {
    const auto database = Database::open({.path = path}, first(1));
    REQUIRE(database);
    REQUIRE((*database)->write(
        [](ports::Transaction& tx) { return tx.insert(kFirst, ports::record_of("north", 1, Blob{1})); }));
  }
  for (int again = 0; again < 2; ++again) {
    const auto database = Database::open({.path = path}, kMigrations);
    REQUIRE(database);
    CHECK((*database)->read([](ports::Transaction& tx) -> Result<void> {
      CHECK(TRY(tx.get(kThird, ports::record_of("north", 1)))->at(3) == ports::Field());
      CHECK(TRY(tx.scan(kThird, {.index = "ships_by_home"})).size() == 1);
      return {};
    }));
  }
  CHECK(ask(path, "SELECT number FROM schema_migrations") == Strings{"1", "2", "3"});
  CHECK(ask(path, "SELECT what FROM schema_migrations WHERE number = 2") == Strings{"homes"});
}

TEST_CASE("an older program uses a newer program's database and leaves its columns alone") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "store.db";
  REQUIRE(Database::open({.path = path}, kMigrations));
  tamper(path,
         "INSERT INTO ships VALUES ('north', 1, x'01', 'Kiel'); INSERT INTO schema_migrations VALUES (4, 'newer')");
  const auto database = Database::open({.path = path}, first(1));
  REQUIRE(database);
  REQUIRE((*database)->write([](ports::Transaction& tx) -> Result<void> {
    TRY(tx.update(kFirst, ports::record_of("north", 1, Blob{2})));
    return tx.insert(kFirst, ports::record_of("north", 2, Blob{3}));
  }));
  CHECK((*database)->read([](ports::Transaction& tx) -> Result<void> {
    CHECK(TRY(tx.get(kThird, ports::record_of("north", 1)))->at(3) == ports::Field(std::string("Kiel")));
    CHECK(TRY(tx.get(kThird, ports::record_of("north", 1)))->at(2) == ports::Field(Blob{2}));
    return {};
  }));
}

TEST_CASE("a database that lacks a migration below its newest is refused") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "store.db";
  REQUIRE(Database::open({.path = path}, kMigrations));
  tamper(path, "DELETE FROM schema_migrations WHERE number = 2");
  const auto database = Database::open({.path = path}, kMigrations);
  CHECK(fails_with(database, ports::kMigrationsBroken));
  CHECK(fails_with(database, Next::Corrupt));
}

TEST_CASE("a migration that fails half-way leaves nothing of itself") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "store.db";
  REQUIRE(Database::open({.path = path}, first(1)));
  tamper(path, "CREATE TABLE ships_by_hull (x)");
  CHECK_FALSE(Database::open({.path = path}, kMigrations));
  CHECK(ask(path, "SELECT number FROM schema_migrations") == Strings{"1", "2"});
  CHECK(ask(path, "SELECT name FROM sqlite_schema WHERE name = 'ships_by_home'").empty());
  tamper(path, "DROP TABLE ships_by_hull");
  CHECK(Database::open({.path = path}, kMigrations));
}

TEST_CASE("programs that start together migrate once") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "store.db";
  std::array<bool, 6> opened{};
  std::vector<std::thread> programs;
  for (bool& result : opened) {
    programs.emplace_back([&] { result = Database::open({.path = path}, kMigrations).has_value(); });
  }
  for (std::thread& program : programs) program.join();
  for (const bool result : opened) CHECK(result);
  CHECK(ask(path, "SELECT number FROM schema_migrations") == Strings{"1", "2", "3"});
}

TEST_CASE("every stretch of a scan is walked in the order of its index, without sorting") {
  const tests::TemporaryFolder folder;
  const std::string path = folder.path() / "store.db";
  REQUIRE(Database::open({.path = path}, kMigrations));
  REQUIRE(Database::open({.path = folder.path() / "other.db"}, test_migrations()));
  const auto check = [](const std::string& database, const Schema& schema, const ports::Scan& scan) {
    for (const sql::Stretch& stretch : sql::stretches_of(schema, *path_of(schema, scan), scan)) {
      const std::string text = sql::stretch_text(schema, stretch, sql::Mark::Question);
      const bool whole = stretch.fixed == 0 && stretch.bound == sql::Bound::None;
      for (const std::string& step : ask(database, "EXPLAIN QUERY PLAN " + text, 3)) {
        CAPTURE(text);
        CAPTURE(step);
        CHECK(step.find("TEMP B-TREE") == std::string::npos);
        CHECK((whole || step.starts_with("SEARCH")));
        CHECK((scan.index.empty() || step.find(scan.index) != std::string::npos));
      }
    }
  };
  const ports::Record ship = ports::record_of("north", 7, Blob{1}, "Kiel");
  const ports::Record homeless = {std::string("north"), std::int64_t{7}, Blob{1}, {}};
  for (const bool descending : {false, true}) {
    for (const std::string_view index : {"", "ships_by_home", "ships_by_hull"}) {
      check(path, kThird, {.index = index, .descending = descending});
      check(path, kThird, {.index = index, .after = cursor(kThird, index, ship), .descending = descending});
      check(path, kThird, {.index = index, .after = cursor(kThird, index, homeless), .descending = descending});
    }
    check(path, kThird, {.prefix = ports::record_of("north"), .descending = descending});
    check(path, kThird, {.index = "ships_by_home", .prefix = {ports::Field()}, .descending = descending});
    check(path, kThird, {.index = "ships_by_home", .prefix = ports::record_of("Kiel"), .descending = descending});
    const std::string other = folder.path() / "other.db";
    check(other, Tally::schema(), {.after = ports::record_of("a"), .descending = descending});
    check(other, Note::schema(), {.after = ports::record_of(7), .descending = descending});
  }
}

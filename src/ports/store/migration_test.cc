#include "ports/store/migration.h"
#include "fails_with.h"

#include <doctest/doctest.h>

using namespace holdfast;
using namespace holdfast::ports;

namespace {

const std::vector<Migration> kThree = {{1, "first", {}}, {2, "second", {}}, {3, "third", {}}};

}  // namespace

TEST_CASE("a database needs what comes after its last migration, in order") {
  const auto missing = missing_migrations(kThree, {1});
  REQUIRE(missing);
  REQUIRE(missing->size() == 2);
  CHECK((*missing)[0]->number == 2);
  CHECK((*missing)[1]->number == 3);
}

TEST_CASE("a database of a newer program needs nothing") {
  CHECK(missing_migrations(kThree, {1, 2, 3, 4, 5})->empty());
  CHECK(missing_migrations(kThree, {1, 2, 3})->empty());
}

TEST_CASE("a database that lacks a migration below one that it has is corrupt") {
  for (const std::vector<std::int64_t>& applied : {std::vector<std::int64_t>{2}, {1, 3}, {1, 2, 2}, {0, 1}}) {
    CHECK(fails_with(missing_migrations(kThree, applied), kMigrationsBroken));
  }
}

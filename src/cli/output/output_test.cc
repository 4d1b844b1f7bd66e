#include <doctest/doctest.h>

#include "cli/output/table.h"

namespace holdfast::cli {

TEST_CASE("columns line up, in characters and not in bytes") {
  Table table({"NAME", "VERDICT"});
  table.add({"hf-1", "healthy"});
  table.add({"Zähler-12", "update-only"});
  CHECK(table.text() ==
        "NAME       VERDICT\n"
        "hf-1       healthy\n"
        "Zähler-12  update-only\n");
}

TEST_CASE("an empty cell is a dash, so that columns can be counted") {
  Table table({"A", "B"});
  table.add({"", "x"});
  CHECK(table.text() == "A  B\n-  x\n");
}

TEST_CASE("an escape sequence in a device's name does not reach the terminal") {
  Table table({"NAME"});
  table.add({"\x1B[2Jgone\nHOME"});
  CHECK(table.text() == "NAME\n\\x1b[2Jgone\\x0aHOME\n");
}

TEST_CASE("values are said in one line") {
  CHECK(in_words(nullptr) == "-");
  const json::Value nothing;
  CHECK(in_words(&nothing) == "-");
  const json::Value list = json::Array{"a", 2, json::Object{{"b", true}}};
  CHECK(in_words(&list) == "a, 2, b=true");
}

}  // namespace holdfast::cli

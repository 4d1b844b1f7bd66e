#include "base/text.h"

#include <doctest/doctest.h>

using namespace holdfast;

TEST_CASE("what was split is joined again to the same text, empty parts too") {
  for (const std::string_view text : {"", "/", "//", "/a", "a/", "a//b", "/v1/catalogs"}) {
    CAPTURE(text);
    std::vector<std::string> parts;
    for (const std::string_view part : split(text, '/')) parts.emplace_back(part);
    CHECK(join(parts, "/") == text);
  }
}

#include "cli/release/json_lines.h"

#include <doctest/doctest.h>

namespace holdfast::cli::release {

TEST_CASE("what is wrong has the line that the names lead to") {
  constexpr std::string_view kText =
      "{\n \"a\": {\"b\": [1, -2.5e3, null]},\n \"c\": {\n  \"a\": true,\n  \"d\": {}\n }\n}\n";
  CHECK(line_of(kText, {"a"}) == 2);
  CHECK(line_of(kText, {"c"}) == 3);
  CHECK(line_of(kText, {"c", "a"}) == 4);
  CHECK(line_of(kText, {"c", "d"}) == 5);
  CHECK(line_of(kText, {"d"}) == 0);
  CHECK(line_of(kText, {}) == 0);
}

TEST_CASE("what is no JSON has the line where it stops being that") {
  CHECK(line_of("", {}) == 1);
  CHECK(line_of("{\n\"a\": 1,\n\"b\": [1 2]\n}", {}) == 3);
  CHECK(line_of("{\n\"a\": 1\n\"b\": 2\n}", {}) == 3);
  CHECK(line_of("{\n\"a\": 1,\n}", {}) == 3);
  CHECK(line_of("{\n\"a\": 1\n}\n}", {}) == 4);
  CHECK(line_of("{\n\"a\": \"no end\n}", {}) == 2);
  CHECK(line_of("{\n\"a\": 9223372036854775808\n}", {}) == 2);
  CHECK(line_of("{\n\"a\": 0x1\n}", {}) == 2);
  CHECK(line_of("{\n\"a\": 1,\n\n\"a\": 2\n}", {}) == 4);
  CHECK(line_of("\n\n[[[[[[[[[[[[[[[[[\n]]]]]]]]]]]]]]]]]", {}) == 3);
}

}  // namespace holdfast::cli::release

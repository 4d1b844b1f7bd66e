#include <doctest/doctest.h>

#include "base/json/fields.h"

using namespace holdfast;

TEST_CASE("a value survives a round trip") {
  const auto value = json::parse(as_bytes(R"({"b":[1,-2,true,null,"\u00fc\n"],"a":{"x":1.5}})"));
  REQUIRE(value);
  CHECK(json::dump(*value) == "{\"b\":[1,-2,true,null,\"\xc3\xbc\\n\"],\"a\":{\"x\":1.5E0}}");
  CHECK(*json::parse(as_bytes(json::dump_pretty(*value))) == *value);
}

TEST_CASE("what parsers disagree about is refused") {
  for (const std::string_view text : {R"({"a":1,"a":2})", "\xef\xbb\xbf{}", "{} {}", "", "{", "[1,]", "{\"a\":NaN}",
                                      "18446744073709551615", "\"\xff\"", "[1e999]"}) {
    CAPTURE(text);
    CHECK_FALSE(json::parse(as_bytes(text)));
  }
}

TEST_CASE("deep, long and crowded JSON is refused") {
  CHECK_FALSE(json::parse(as_bytes(std::string(40, '[') + std::string(40, ']'))));
  CHECK_FALSE(json::parse(as_bytes(std::string(100, ' ')), {.bytes_max = 99}));
  CHECK(json::parse(as_bytes("[1,2,3]"), {.nodes_max = 3}).error().reason == json::kJsonTooLarge);
}

TEST_CASE("fields are read once, in bounds, and no other may be there") {
  const auto value = json::parse(as_bytes(R"({"name":"x","n":5,"extra":1})"));
  auto fields = *json::Fields::of(*value, "thing");
  CHECK(*fields.text("name", 5) == "x");
  CHECK(fields.integer("n", 0, 4).error().reason == json::kJsonShape);
  CHECK(fields.done().error().message == "thing.extra: expected no such member, saw one");
  fields.ignore("extra");
  CHECK(fields.done());
  CHECK(fields.text("none", 5).error().message == "thing.none: expected a value, saw nothing");
}

#include "trust/tuf/canonical.h"

#include <doctest/doctest.h>

namespace holdfast::trust::tuf {
namespace {

std::string canonical_of(std::string_view text) {
  const auto value = json::parse(as_bytes(text));
  REQUIRE(value);
  const auto out = canonical(*value);
  return out ? to_text(*out) : std::string(out.error().reason.word());
}

}  // namespace

TEST_CASE("members are sorted by code point and white space goes") {
  CHECK(canonical_of(R"( { "b" : [ 1 , -2 ] , "a" : { } , "B" : true , "é" : null, "z": false } )") ==
        R"({"B":true,"a":{},"b":[1,-2],"z":false,"é":null})");
}

TEST_CASE("strings keep every character as it is but the quote and the backslash") {
  CHECK(canonical_of(R"(["line\nend", "tab\t", "q\"b\\", "\u00fc\/"])") ==
        "[\"line\nend\",\"tab\t\",\"q\\\"b\\\\\",\"ü/\"]");
}

TEST_CASE("a number with a fraction has no canonical form") {
  CHECK(canonical_of("1.5") == "not-canonical");
  CHECK(canonical_of(R"({"a":[1e2]})") == "not-canonical");
}

}  // namespace holdfast::trust::tuf

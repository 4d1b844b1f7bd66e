#include "wire/problem.h"

#include <doctest/doctest.h>

#include "base/json/fields.h"

using namespace holdfast;
using wire::Problem;

TEST_CASE("a problem is read by its title and detail, whatever else it carries") {
  const auto read = Problem::decode(as_bytes(R"({"type":"t","title":"ticket-consumed","status":403,"detail":"why"})"));
  REQUIRE(read);
  CHECK(read->reason == "ticket-consumed");
  CHECK(read->detail == "why");
  CHECK(Problem::decode(as_bytes(R"({"title":"gone"})"))->detail.empty());
}

TEST_CASE("what is no problem document is refused") {
  for (const char* body : {"", "[]", "{}", R"({"title":3})", R"({"title":"a","detail":[]})"}) {
    CHECK_FALSE(Problem::decode(as_bytes(body)));
  }
  CHECK_FALSE(Problem::decode(Blob(wire::kProblemBytesMax + 1, ' ')));
  CHECK_FALSE(Problem::decode(as_bytes(R"({"title":")" + std::string(wire::kProblemTextBytesMax + 1, 'a') + "\"}")));
}

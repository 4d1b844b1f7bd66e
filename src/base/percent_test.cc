#include "base/percent.h"

#include <doctest/doctest.h>

namespace holdfast {

TEST_CASE("what an address reserves is written as its bytes, unless it is to be kept") {
  CHECK(percent_encoded("libstdc++6-1~rc_2.deb") == "libstdc%2B%2B6-1~rc_2.deb");
  CHECK(percent_encoded("/a b\xFF\n") == "%2Fa%20b%FF%0A");
  CHECK(percent_encoded("/a b/%", "/") == "/a%20b/%25");
  CHECK(percent_encoded({}).empty());
}

TEST_CASE("what was encoded is decoded, and half a byte is not") {
  for (const char* text : {"", "a/b", "a b\xFF%", "..", "%41"}) {
    CHECK(percent_decoded(percent_encoded(text)) == text);
  }
  CHECK(percent_decoded("a%2fb") == "a/b");
  for (const char* text : {"%", "%4", "%4x", "a%", "%%41"}) CHECK_FALSE(percent_decoded(text));
}

}  // namespace holdfast

#include "base/percent.h"

#include <doctest/doctest.h>

namespace holdfast {

TEST_CASE("what an address reserves is written as its bytes, unless it is to be kept") {
  CHECK(percent_encoded("libstdc++6-1~rc_2.deb") == "libstdc%2B%2B6-1~rc_2.deb");
  CHECK(percent_encoded("/a b\xFF\n") == "%2Fa%20b%FF%0A");
  CHECK(percent_encoded("/a b/%", "/") == "/a%20b/%25");
  CHECK(percent_encoded({}).empty());
}

}  // namespace holdfast

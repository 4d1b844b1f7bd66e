#include "device/update/settings.h"

#include <doctest/doctest.h>

#include "fails_with.h"

namespace holdfast::device::update {

TEST_CASE("a bandwidth limit spreads what is fetched over time, and none delays nothing") {
  CHECK(pace({.bytes_per_second = 1000, .window = {}}, 256 * 1024) == Duration(262'144));
  CHECK(pace({}, 256 * 1024) == Duration::zero());
}

TEST_CASE("outside of the window an update waits until it opens, over midnight too") {
  const Settings settings{.window = Window{.from = hours(22), .length = hours(4)}};
  const WallTime midnight = *parse_rfc3339("2027-01-01T00:00:00Z");
  CHECK(until_open(settings, midnight + hours(21)) == hours(1));
  CHECK(until_open(settings, midnight + hours(22)) == Duration::zero());
  CHECK(until_open(settings, midnight + hours(25)) == Duration::zero());
  CHECK(until_open(settings, midnight + hours(26)) == hours(20));
  CHECK(until_open(settings, WallTime{0} - hours(3)) == hours(1));
  CHECK(until_open({}, midnight) == Duration::zero());
}

TEST_CASE("a window is read as it is written, and nothing else is one") {
  const auto window = parse_window("22:30+4h");
  REQUIRE(window);
  CHECK(window->from == hours(22) + minutes(30));
  CHECK(window->length == hours(4));
  for (const char* wrong :
       {"", "22:30", "22:30+", "24:00+1h", "22:60+1h", "22-30+1h", "2:30+1h", "22:30+25h", "22:30+0s"}) {
    CHECK(fails_with(parse_window(wrong), kWindowMalformed));
  }
}

}  // namespace holdfast::device::update

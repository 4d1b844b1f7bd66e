#include <doctest/doctest.h>

#include "base/time.h"

using namespace holdfast;

TEST_CASE("RFC 3339 times survive a round trip, also before 1970") {
  for (const std::string_view text : {"1970-01-01T00:00:00Z", "2026-11-23T08:09:30Z", "0001-01-01T00:00:00Z",
                                      "9999-12-31T23:59:59Z", "2028-02-29T12:00:00Z", "1969-12-31T23:59:59Z"}) {
    CHECK(to_rfc3339(*parse_rfc3339(text)) == text);
  }
  CHECK(parse_rfc3339("2026-11-23T08:09:30Z")->ms == 1795421370000);
}

TEST_CASE("times in another shape are refused") {
  for (const std::string_view text : {"", "2026-11-23", "2026-11-23T08:09:30", "2026-11-23T08:09:30+00:00",
                                      "2027-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-23T24:00:00Z"}) {
    CAPTURE(text);
    CHECK(parse_rfc3339(text).error().reason == kTimeMalformed);
  }
}

TEST_CASE("durations read as people write them") {
  CHECK(parse_duration("24h")->count() == 86'400'000);
  CHECK(parse_duration("15min")->count() == 900'000);
  CHECK(to_text(Duration(86'400'000)) == "1d");
  CHECK(to_text(Duration(90'000)) == "90s");
  CHECK_FALSE(parse_duration("24"));
  CHECK_FALSE(parse_duration("h"));
  CHECK_FALSE(parse_duration("99999999999h"));
}

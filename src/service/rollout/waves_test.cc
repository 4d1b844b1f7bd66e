#include "service/rollout/waves.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"
#include "fails_with.h"

namespace holdfast::service::rollout {
namespace {

Result<std::vector<Wave>> parsed(std::string_view text) { return waves_from(*json::parse(as_bytes(text))); }

}  // namespace

TEST_CASE("a device has its place for ever, and places are spread evenly") {
  CHECK(place_of("acme", "hf-0000-0000-0000-0001") == place_of("acme", "hf-0000-0000-0000-0001"));
  CHECK(place_of("acme", "hf-0000-0000-0000-0001") != place_of("other", "hf-0000-0000-0000-0001"));
  constexpr int kDevices = 20'000;
  int first_percent = 0;
  int first_half = 0;
  for (int i = 0; i < kDevices; ++i) {
    const std::int64_t place = place_of("acme", cat("device-", i));
    CHECK(place >= 0);
    CHECK(place < kPlaces);
    first_percent += place < kPlaces / 100 ? 1 : 0;
    first_half += place < kPlaces / 2 ? 1 : 0;
  }
  CHECK(first_percent > 140);
  CHECK(first_percent < 260);
  CHECK(first_half > 9'700);
  CHECK(first_half < 10'300);
}

TEST_CASE("waves are read as they are written") {
  const auto waves =
      parsed(R"([{"percent":"0.5","soak_s":60},{"percent":"10","soak_s":0},{"percent":"100","soak_s":0}])");
  REQUIRE(waves);
  CHECK(*waves == std::vector<Wave>{{50, seconds(60)}, {1000, seconds(0)}, {kPlaces, seconds(0)}});
  CHECK((*waves_from(to_json(*waves)) == *waves));
  CHECK((*waves_from(to_json(usual_waves())) == usual_waves()));
  CHECK(json::dump(to_json({{25, seconds(1)}, {kPlaces, seconds(0)}})).find("\"0.25\"") != std::string::npos);
}

TEST_CASE("waves that do not grow, or do not reach everybody, are refused") {
  for (const char* wrong :
       {"[]", "{}", R"([{"percent":"50","soak_s":0}])", R"([{"percent":"0","soak_s":0},{"percent":"100","soak_s":0}])",
        R"([{"percent":"20","soak_s":0},{"percent":"10","soak_s":0},{"percent":"100","soak_s":0}])",
        R"([{"percent":"100.5","soak_s":0}])", R"([{"percent":"1e2","soak_s":0}])", R"([{"percent":"-1","soak_s":0}])",
        R"([{"percent":"1.234","soak_s":0},{"percent":"100","soak_s":0}])"}) {
    CAPTURE(wrong);
    CHECK(fails_with(parsed(wrong), kWavesMalformed));
  }
}

}  // namespace holdfast::service::rollout

#include "trust/update/configuration.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "fails_with.h"

namespace holdfast::trust::update {
namespace {

constexpr std::string_view kOne{"hf-0123-4567-89ab-cdef"};

Result<Configuration> read(std::string_view text, std::vector<std::string>* at = nullptr) {
  return parse_configuration("door-settings", as_bytes(text), at);
}

/// A document for the door with these settings, and with this as what is different on one device.
std::string on_one(std::string_view settings, std::string_view different) {
  return cat(R"({"application":"door","settings":)", settings, R"(,"devices":{")", kOne, "\":", different, "}}");
}

std::string merged(std::string_view settings, std::string_view different) {
  const auto configuration = read(on_one(settings, different));
  REQUIRE(configuration);
  return json::dump(settings_on(*configuration, kOne));
}

struct Wrong {
  std::string_view text;
  std::vector<std::string> at;
};

}  // namespace

TEST_CASE("a device reads the group's settings, and another one what is different there") {
  const auto configuration = read(on_one(R"({"open":"08:00","colour":"red"})", R"({"open":"09:30"})"));
  REQUIRE(configuration);
  CHECK(configuration->application == "door");
  CHECK(json::dump(settings_on(*configuration, "hf-none")) == R"({"open":"08:00","colour":"red"})");
  CHECK(json::dump(settings_on(*configuration, kOne)) == R"({"open":"09:30","colour":"red"})");
}

TEST_CASE("settings are merged as the examples of RFC 7396, appendix A, say, where both are objects") {
  struct Case {
    std::string_view settings, different, merged;
  };
  for (const Case& one :
       {Case{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
        Case{R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"}, Case{R"({"a":"b"})", R"({"a":null})", R"({})"},
        Case{R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
        Case{R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
        Case{R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
        Case{R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
        Case{R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
        Case{R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
        Case{R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"}}) {
    CHECK(merged(one.settings, one.different) == one.merged);
  }
}

TEST_CASE("settings of another application, and what is no configuration, are refused with where it is wrong") {
  for (const Wrong& one :
       {Wrong{"", {}}, Wrong{"[]", {}}, Wrong{R"({"application":"door"})", {}}, Wrong{R"({"settings":{}})", {}},
        Wrong{R"({"application":"door","settings":{"a":1,"a":2}})", {}},
        Wrong{R"({"application":"window","settings":{}})", {"application"}},
        Wrong{R"({"application":7,"settings":{}})", {"application"}},
        Wrong{R"({"application":"door","settings":[]})", {"settings"}},
        Wrong{R"({"application":"door","settings":{},"until":"noon"})", {"until"}},
        Wrong{R"({"application":"door","settings":{},"devices":[]})", {"devices"}},
        Wrong{R"({"application":"door","settings":{},"devices":{"hf-1":{}}})", {"devices", "hf-1"}},
        Wrong{R"({"application":"door","settings":{},"devices":{"hf-0123-4567-89ab-cdef":null}})",
              {"devices", "hf-0123-4567-89ab-cdef"}}}) {
    std::vector<std::string> at = {"before"};
    CHECK(fails_with(read(one.text, &at), kConfigurationMalformed));
    CHECK(at == one.at);
  }
}

TEST_CASE("a configuration that is too large, too deep or for too many devices is refused") {
  const auto deep = [](std::size_t levels) {
    return cat(R"({"application":"door","settings":)", std::string(levels, '['), std::string(levels, ']'), "}");
  };
  CHECK(fails_with(read(deep(kConfigurationLevelsMax)), kConfigurationMalformed));
  CHECK(fails_with(
      read(cat(R"({"application":"door","settings":{"a":")", std::string(kConfigurationBytesMax, 'a'), "\"}}")),
      kConfigurationMalformed));
  const auto of_devices = [](std::size_t number) {
    std::string devices;
    for (std::size_t i = 0; i < number; ++i) {
      devices += cat(i == 0 ? "" : ",", "\"hf-0000-0000-0000-", 1000 + i, "\":{}");
    }
    return cat(R"({"application":"door","settings":{},"devices":{)", devices, "}}");
  };
  CHECK(read(of_devices(kConfigurationDevicesMax)));
  CHECK(fails_with(read(of_devices(kConfigurationDevicesMax + 1)), kConfigurationMalformed));
}

}  // namespace holdfast::trust::update

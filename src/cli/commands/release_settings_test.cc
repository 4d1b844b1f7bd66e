#include <doctest/doctest.h>

#include "cli/release_desk.h"

namespace holdfast::cli::commands {
namespace {

using test::kDone;
using test::kFailed;
using test::kUsage;

constexpr std::string_view kSettings = R"({
  "application": "door",
  "settings": {"open": "08:00"},
  "devices": {
    "hf-0123-4567-89ab-cdef": {"open": "09:30"}
  }
}
)";

struct SettingsDesk : test::ReleaseDesk {
  int publish_settings(std::string_view text, const std::vector<std::string>& more = {},
                       const std::string& component = "door-settings") {
    files.put("door.json", std::string(text));
    std::vector<std::string> words = {
        "door.json", "--kind",      "configuration", "--product", "gateway", "--hardware",
        "board-a",   "--component", component,       "--version", "7",       "--security-version",
        "1"};
    words.insert(words.end(), more.begin(), more.end());
    return release("publish", words);
  }
  /// Why they are not released.
  std::string said_of(std::string_view text) {
    auto images = repository();
    REQUIRE(images);
    cli::release::Release one;
    one.image = {trust::update::ImageKind::Configuration, "gateway", {"board-a"}, "door-settings", "7", 1, {}, {}};
    one.content = to_blob(as_bytes(text));
    const auto added = cli::release::add(files, *images, std::string(cli::release::kTopRole), std::move(one));
    return added ? "" : added.error().message;
  }
};

std::string with(std::string_view part, std::string_view other) {
  std::string out(kSettings);
  return out.replace(out.find(part), part.size(), other);
}

}  // namespace

TEST_CASE("network settings are released where a device reads them, and on which device it would not") {
  SettingsDesk desk;
  const auto publish = [&](std::string_view own) {
    return desk.publish_settings(
        std::string(R"({"application": "network", "settings": {"proxy": {"host": "proxy.example", "port": 3128}},
                        "devices": {"hf-0123-4567-89ab-cdef": )") +
            std::string(own) + "}}",
        {}, "network-settings");
  };
  CHECK(publish(R"({"interfaces": {"eth0": {"addresses": ["192.0.2.7"]}}})") == kFailed);
  CHECK(publish(R"({"interfaces": {"eth0": {"addresses": ["192.0.2.7/24"]}}})") == kDone);
}

TEST_CASE("settings are released, and shown with their application and the devices on which they differ") {
  SettingsDesk desk;
  REQUIRE(desk.publish_settings(kSettings, {"--needs", "door:3"}) == kDone);
  REQUIRE(desk.release("show", {"door-settings", "7", "--output", "json"}) == kDone);
  CHECK(desk.printed.find("\"application\": \"door\"") != std::string::npos);
  CHECK(desk.printed.find("hf-0123-4567-89ab-cdef") != std::string::npos);
  REQUIRE(desk.release("list", {"--output", "json"}) == kDone);
  CHECK(desk.printed.find("\"configuration\"") != std::string::npos);
}

TEST_CASE("settings that a device would refuse are not released, and the line is said") {
  struct Wrong {
    std::string text;
    std::string_view line;
  };
  for (const Wrong& one :
       {Wrong{with("\"door\"", "\"window\""), "line 2: "}, Wrong{with("08:00\"},", "08:00\""), "line 4: "},
        Wrong{with("{\"open\": \"08:00\"}", "[]"), "line 3: "}, Wrong{with("hf-0123-", "hf-123-"), "line 5: "},
        Wrong{with("devices", "device"), "line 4: "}, Wrong{with("devices", "settings"), "line 4: "}}) {
    SettingsDesk desk;
    CHECK(desk.publish_settings(one.text) == kFailed);
    CHECK(desk.said_of(one.text).starts_with(one.line));
    CHECK(desk.repository()->images().empty());
  }
}

TEST_CASE("settings go by the name of their application, and have neither deltas nor parts") {
  SettingsDesk desk;
  CHECK(desk.publish_settings(kSettings, {}, "door-colours") == kFailed);
  for (const char* option : {"--delta-from", "--sbom-from", "--reference-values"}) {
    CHECK(desk.publish_settings(kSettings, {option, "6"}) == kUsage);
  }
}

}  // namespace holdfast::cli::commands

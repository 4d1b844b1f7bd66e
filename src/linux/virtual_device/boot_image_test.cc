#include "linux/virtual_device/boot_image.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "linux/virtual_device/firmware.h"
#include "trust/eventlog/event.h"

namespace holdfast::linux::virtual_device {
namespace {

namespace eventlog = trust::eventlog;

BootImage some_image() { return kernel_image({"os", "1.0.0"}, 3, "ro quiet"); }

std::string_view reason_of(std::string_view json) {
  const auto image = parse_boot_image(as_bytes(json));
  return image ? "success" : image.error().reason.word();
}

TEST_CASE("an image is read as it was written") {
  const BootImage image = some_image();
  const auto read = parse_boot_image(as_bytes(json::dump(to_json(image))));
  REQUIRE(read);
  CHECK(read->component == "os");
  CHECK(read->security_version == 3);
  CHECK(reference_values(*read) == reference_values(image));
}

TEST_CASE("an event written by hand is its text, shown as it is where nothing else is said") {
  const auto image = parse_boot_image(as_bytes(
      R"({"component": "os", "version": "1", "security_version": 0, "events": [{"pcr": 9, "type": "EV_IPL", "measured": "abc"}]})"));
  REQUIRE(image);
  CHECK(image->events[0].type == eventlog::kEvIpl);
  CHECK(image->events[0].data == to_blob(as_bytes("abc")));
  CHECK(reference_values(*image).events[0].digest == trust::crypto::sha256(as_bytes("abc")));
}

TEST_CASE("an image with an unknown type, a PCR that no quote covers, or nothing measured is refused") {
  const auto with_event = [](const std::string& event) {
    return R"({"component": "os", "version": "1", "security_version": 0, "events": [)" + event + "]}";
  };
  CHECK(reason_of(with_event(R"({"pcr": 9, "type": "EV_IPL", "measured": "a"})")) == "success");
  CHECK(reason_of(with_event(R"({"pcr": 9, "type": "EV_NO_ACTION", "measured": "a"})")) == "boot-image-malformed");
  CHECK(reason_of(with_event(R"({"pcr": 16, "type": "EV_IPL", "measured": "a"})")) == "boot-image-malformed");
  CHECK(reason_of(with_event(R"({"pcr": 9, "type": "EV_IPL"})")) == "boot-image-malformed");
  CHECK(reason_of(R"({"component": "../os", "version": "1", "security_version": 0, "events": []})") ==
        "boot-image-malformed");
  CHECK(reason_of("nonsense") == "boot-image-malformed");
}

TEST_CASE("tampering changes one event, the command line in PCR 11") {
  const BootImage image = some_image();
  BootImage tampered = image;
  tamper_with(tampered);
  const auto before = reference_values(image).events;
  const auto after = reference_values(tampered).events;
  REQUIRE(before.size() == after.size());
  int changed = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == after[i]) continue;
    ++changed;
    CHECK(after[i].pcr == 11);
    CHECK(after[i].description == "EV_IPL .cmdline");
  }
  CHECK(changed == 1);
}

TEST_CASE("the firmware's reference values are a baseline over PCR 0 to 7 that parses as a reference set") {
  const auto set = firmware_reference_values();
  const auto read = trust::appraisal::parse_reference_set(as_bytes(json::dump(to_json(set))));
  REQUIRE(read);
  CHECK(*read == set);
  CHECK(set.source == trust::appraisal::ReferenceSource::Baseline);
  CHECK(std::ranges::all_of(set.events, [](const auto& event) { return event.pcr < 8; }));
}

}  // namespace
}  // namespace holdfast::linux::virtual_device

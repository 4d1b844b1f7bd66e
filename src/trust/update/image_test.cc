#include "trust/update/image.h"

#include <doctest/doctest.h>

#include "fails_with.h"
#include "floor_words.h"

namespace holdfast::trust::update {
namespace {

Image an_image() {
  Image out;
  out.kind = ImageKind::Application;
  out.product = "gateway";
  out.hardware = {"x86-64-q35", "x86-64-board"};
  out.component = "door-control";
  out.version = "1.4.0~rc1";
  out.security_version = 3;
  out.needs = {{"os", 2, 9}};
  out.manifest.length = 4711;
  out.manifest.hashes.emplace();
  out.manifest.hashes->sha256.emplace().fill(7);
  return out;
}

Installation a_device() {
  return {.product = "gateway",
          .hardware = "x86-64-board",
          .supported = {ImageKind::Os, ImageKind::Application},
          .floor = {{"os", 2}, {"door-control", 3}},
          .security_version = {{"os", 4}, {"door-control", 3}}};
}

json::Value changed(std::string_view member, json::Value value) {
  json::Value out = *to_json(an_image());
  out.set(member, std::move(value));
  return out;
}

TEST_CASE("what is written of an image is read again") {
  const auto written = to_json(an_image());
  REQUIRE(written);
  CHECK(*image_from(*written) == an_image());
}

TEST_CASE("what is said of an image's verity tree is read again, and is whole blocks") {
  Image image = an_image();
  image.verity = {8192, {1}, {2}};
  const auto written = to_json(image);
  REQUIRE(written);
  CHECK(*image_from(*written) == image);
  image.verity->data_offset = 8191;
  CHECK(fails_with(to_json(image), kVerityMalformed));
}

TEST_CASE("the word for an image's floor is its authority's, for that component and security version") {
  Image image = an_image();
  image.floor = floor_word_by(1, image.component, image.security_version);
  const auto written = to_json(image);
  REQUIRE(written);
  CHECK(*image_from(*written) == image);
  for (const FloorWord& wrong : {floor_word_by(1, "os", 3), floor_word_by(1, image.component, 4)}) {
    image.floor = wrong;
    CHECK(fails_with(to_json(image), kFloorWordMalformed));
  }
  image.floor = floor_word_by(1, image.component, 3);
  image.floor->authority = holder_key(2).spki();
  CHECK(fails_with(to_json(image), kFloorWordMalformed));
  std::swap(image.floor->lay, image.floor->raise);
  image.floor->authority = holder_key(1).spki();
  CHECK(fails_with(to_json(image), kFloorWordMalformed));
}

TEST_CASE("an image with a member that this version does not know is refused") {
  CHECK_FALSE(image_from(changed("only_on_sundays", true)));
}

TEST_CASE("who may speak for one component cannot pass off another as it") {
  CHECK(require_place(an_image(), "door-control/1.4.0~rc1/image"));
  CHECK(fails_with(require_place(an_image(), "os/1.4.0~rc1/image"), kImageMisplaced));
  CHECK(fails_with(require_place(an_image(), "door-control/1.4.0/image"), kImageMisplaced));
}

TEST_CASE("an image that is malformed is refused with the member that is") {
  CHECK(fails_with(image_from(changed("kind", "firmware")), kImageMalformed));
  CHECK(fails_with(image_from(changed("product", "Gate Way")), kImageMalformed));
  CHECK(fails_with(image_from(changed("hardware", json::Array{})), kImageMalformed));
  CHECK(fails_with(image_from(changed("component", "../os")), kImageMalformed));
  CHECK(fails_with(image_from(changed("version", "1/2")), kImageMalformed));
  CHECK_FALSE(image_from(changed("security_version", -1)));
  CHECK_FALSE(image_from(changed("manifest", json::Object{{"length", 1}, {"hashes", json::Object{}}})));
  const json::Value need = json::Object{{"component", "os"}, {"from", 2}};
  CHECK(fails_with(image_from(changed("needs", json::Array{need, need})), kImageMalformed));
  CHECK_FALSE(image_from(changed("needs", json::Array{json::Object{{"component", "os"}, {"from", 2}, {"to", 1}}})));
}

TEST_CASE("settings and what runs are never versions of one component") {
  Image image = an_image();
  image.component = "door-control-settings";
  CHECK(fails_with(to_json(image), kImageMalformed));
  image.kind = ImageKind::Configuration;
  CHECK(to_json(image));
  for (const char* other : {"door-control", "-settings", "settings", "door-settings-2"}) {
    image.component = other;
    CHECK(fails_with(to_json(image), kImageMalformed));
  }
}

TEST_CASE("an image that would be refused cannot be written") {
  Image image = an_image();
  image.hardware.clear();
  CHECK(fails_with(to_json(image), kImageMalformed));
}

TEST_CASE("a device takes an image that is for it") { CHECK(require_fit(an_image(), a_device())); }

TEST_CASE("a device refuses an image for another product or other hardware") {
  Installation device = a_device();
  device.product = "camera";
  CHECK(fails_with(require_fit(an_image(), device), kImageForOtherProduct));
  device = a_device();
  device.hardware = "arm64-board";
  CHECK(fails_with(require_fit(an_image(), device), kImageForOtherHardware));
}

TEST_CASE("a device refuses a kind that it has no place for") {
  Image image = an_image();
  image.kind = ImageKind::RealTime;
  const auto refused = require_fit(image, a_device());
  REQUIRE(fails_with(refused, kImageNotSupported));
  CHECK(refused.error().message.find("not supported by this device") != std::string::npos);
}

TEST_CASE("a device refuses an image below its floor") {
  Image image = an_image();
  image.security_version = 2;
  CHECK(fails_with(require_fit(image, a_device()), kImageBelowFloor));
}

TEST_CASE("a device refuses an image whose needs it does not meet") {
  Installation device = a_device();
  for (const std::int64_t os : {1, 10}) {
    device.security_version["os"] = os;
    CHECK(fails_with(require_fit(an_image(), device), kImageNeedsUnmet));
  }
  device.security_version.erase("os");
  CHECK(fails_with(require_fit(an_image(), device), kImageNeedsUnmet));
}

}  // namespace
}  // namespace holdfast::trust::update

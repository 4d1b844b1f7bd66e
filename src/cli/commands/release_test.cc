#include <doctest/doctest.h>

#include <algorithm>

#include "cli/release_desk.h"

namespace holdfast::cli::commands {
namespace {

using test::kConflict;
using test::kDenied;
using test::kDone;
using test::kFailed;
using test::kNotFound;
using test::kUsage;
using Desk = test::ReleaseDesk;

TEST_CASE("a repository is made once") {
  Desk desk;
  CHECK(desk.release("init") == kConflict);
  CHECK(desk.repository()->images().empty());
}

TEST_CASE("what is published is in the repository with all that was said of it") {
  Desk desk;
  REQUIRE(desk.publish("door-1", "1.0", {"--needs", "os:2-9", "--needs", "kernel:3"}) == kDone);
  const auto repository = desk.repository();
  REQUIRE(repository);
  REQUIRE(repository->images().contains("door/1.0/image"));
  const auto& image = repository->images().at("door/1.0/image").image;
  CHECK(image.product == "gateway");
  CHECK(image.needs == std::vector<trust::update::Need>{{"os", 2, 9}, {"kernel", 3, {}}});
  CHECK(repository->images().at("door/1.0/image").target.length == 14);
  REQUIRE(desk.release("list", {"--output", "json"}) == kDone);
  CHECK(desk.printed.find("\"door\"") != std::string::npos);
}

TEST_CASE("a release is never replaced, and published again it stays as it was") {
  Desk desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  CHECK(desk.publish("door-2", "1.0") == kConflict);
  CHECK(desk.publish("door-1", "1.0", {"--needs", "os:2"}) == kConflict);
  CHECK(desk.publish("door-1", "1.0") == kDone);
  CHECK(desk.publish("door-2", "2.0") == kDone);
  CHECK(desk.repository()->images().size() == 2);
}

TEST_CASE("a delta from a released version is published with the next, and may follow later") {
  Desk desk;
  std::string old_door(5000, 'o');
  for (std::size_t i = 0; i < old_door.size(); ++i) old_door[i] = static_cast<char>(i * i * 31 >> 3);
  desk.files.put("door-1", old_door);
  desk.files.put("door-2", old_door + " and a bell");
  desk.files.put("door-3", old_door + " and two bells");
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  REQUIRE(desk.publish("door-2", "2.0", {"--delta-from", "1.0"}) == kDone);
  CHECK(desk.printed.find("or a delta of") != std::string::npos);
  REQUIRE(desk.publish("door-3", "3.0", {"--delta-from", "2.0"}) == kDone);
  const auto is_delta = [](const auto& file) { return file.first.ends_with(".delta"); };
  CHECK(std::ranges::count_if(desk.files.files, is_delta) == 2);
  REQUIRE(desk.publish("door-3", "3.0", {"--delta-from", "1.0"}) == kDone);
  CHECK(std::ranges::count_if(desk.files.files, is_delta) == 3);
  CHECK(desk.printed.find("or a delta of", desk.printed.find("or a delta of") + 1) != std::string::npos);
  CHECK(desk.publish("door-3", "3.0", {"--delta-from", "0.9"}) == kNotFound);
}

TEST_CASE("a repository that has ended is published anew") {
  Desk desk;
  desk.clock.at = desk.clock.at + days(400);
  REQUIRE(desk.release("list") == kDone);
  CHECK(desk.printed.find("release publish") != std::string::npos);
  REQUIRE(desk.release("publish") == kDone);
  REQUIRE(desk.release("list") == kDone);
  CHECK(desk.printed.find("release publish") == std::string::npos);
}

TEST_CASE("an image of which too little is said is refused") {
  Desk desk;
  CHECK(desk.release("publish", {"door-1", "--kind", "application"}) == kUsage);
  for (const char* need : {"os", "os:", "os:x", "os:2-", "os:-1", "os:2-x"}) {
    CHECK(desk.publish("door-1", "1.0", {"--needs", need}) == kUsage);
  }
  CHECK(desk.publish("door-1", "1.0", {"--needs", "os:9-2"}) == kFailed);
  CHECK(desk.publish("door-1", "no/version") == kFailed);
  CHECK(desk.repository()->images().empty());
}

TEST_CASE("without the owner's keys nothing is published") {
  Desk desk;
  desk.files.files.erase("owner/root-key-1.pem");
  CHECK(desk.publish("door-1", "1.0") == kDenied);
  CHECK(desk.repository()->images().empty());
}

TEST_CASE("a repository that somebody else changed is refused") {
  Desk desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  for (const char* file : {"timestamp.json", "2.snapshot.json", "2.targets.json"}) {
    Desk other;
    REQUIRE(other.publish("door-1", "1.0") == kDone);
    Blob& bytes = other.files.files.at(std::string("images/metadata/") + file).bytes;
    bytes[bytes.size() / 2] ^= 1;
    CHECK(other.release("publish") != kDone);
  }
}

}  // namespace
}  // namespace holdfast::cli::commands

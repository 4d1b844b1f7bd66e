#include <doctest/doctest.h>

#include <algorithm>

#include "base/encoding.h"
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

TEST_CASE("a version comes with its floor authority's word, which stays the same") {
  Desk desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  CHECK(desk.printed.find("floor") == std::string::npos);
  const auto floor_of = [&](const std::string& version) {
    return desk.repository()->images().at("door/" + version + "/image").image.floor;
  };
  const auto first = floor_of("1.0");
  REQUIRE(first);
  REQUIRE(desk.run({"release", "make-key", "floor", "--dir", "owner"}) == kDone);
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  CHECK(floor_of("1.0") == first);
  REQUIRE(desk.publish("door-2", "2.0") == kDone);
  REQUIRE(floor_of("2.0"));
  CHECK(floor_of("2.0")->authority != first->authority);
}

TEST_CASE("of an image that is a root the verity tree's root is signed") {
  Desk desk;
  desk.files.put("root", std::string(3 * 4096, 'r'));
  CHECK(desk.publish("door-1", "1.0", {"--verity", "0"}) != kDone);
  REQUIRE(desk.publish("root", "1.0", {"--verity", "0"}) == kDone);
  const auto verity = desk.repository()->images().at("door/1.0/image").image.verity;
  REQUIRE(verity);
  CHECK(verity->data_offset == 0);
  CHECK(verity->salt == trust::update::verity_salt("door", "1.0"));
  CHECK(desk.publish("root", "1.0", {"--verity", "0"}) == kDone);
  CHECK(desk.publish("root", "1.0", {"--verity", "4096"}) == kConflict);
  REQUIRE(desk.release("show", {"door", "1.0"}) == kDone);
  CHECK(desk.printed.find("verity root") != std::string::npos);
}

TEST_CASE("without a floor key a version is published, and what that means is said") {
  Desk desk;
  desk.files.files.erase("owner/floor-key-1.pem");
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  CHECK(desk.printed.find("holdfast release make-key floor") != std::string::npos);
  CHECK_FALSE(desk.repository()->images().at("door/1.0/image").image.floor);
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

/// A tree that an image was made of, and reference values of door 1.0.
struct DescribedDesk : Desk {
  DescribedDesk() {
    files.put("tree/var/lib/dpkg/status",
              "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2+b2\n");
    files.put("tree/usr/bin/door", "no ELF file");
    files.put("door.json",
              R"({"component":"door","version":"1.0","security_version":1,"events":[{"pcr":12,"digest":")" +
                  std::string(64, '0') + R"(","description":"door"}]})");
  }
  std::string part(const std::string& name) {
    REQUIRE(release("show", {"door", "1.0", "--part", name}) == kDone);
    return printed;
  }
};

TEST_CASE("what is in an image is told by files beside it that its manifest names") {
  DescribedDesk desk;
  REQUIRE(desk.publish("door-1", "1.0", {"--sbom-from", "tree", "--reference-values", "door.json"}) == kDone);
  const std::string sbom = desk.part("sbom");
  for (const char* words : {R"("bomFormat":"CycloneDX","specVersion":"1.5")", "pkg:deb/debian/bash@5.2.15-2%2Bb2",
                            R"("name":"usr/bin/door")", R"("name":"var/lib/dpkg/status")"}) {
    CHECK(sbom.find(words) != std::string::npos);
  }
  CHECK(desk.part("reference-values") == desk.files.text("door.json"));
  CHECK(desk.release("show", {"door", "1.0", "--part", "build-ids"}) == kNotFound);
  CHECK(desk.release("show", {"door", "1.0", "--part", "colour"}) == kUsage);
  CHECK(desk.release("show", {"door", "2.0"}) == kNotFound);
  REQUIRE(desk.release("show", {"door", "1.0"}) == kDone);
  CHECK(desk.printed.find(to_hex(trust::crypto::sha256(as_bytes(sbom)))) != std::string::npos);
}

TEST_CASE("the same tree gives the same bytes, what was said may be added to and is never replaced") {
  DescribedDesk desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  REQUIRE(desk.publish("door-1", "1.0", {"--sbom-from", "tree"}) == kDone);
  const std::string sbom = desk.part("sbom");
  desk.clock.at = desk.clock.at + days(1);
  REQUIRE(desk.publish("door-1", "1.0", {"--sbom-from", "tree", "--reference-values", "door.json"}) == kDone);
  CHECK(desk.part("sbom") == sbom);
  desk.files.put("tree/usr/bin/door", "another file");
  CHECK(desk.publish("door-1", "1.0", {"--sbom-from", "tree"}) == kConflict);
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  CHECK(desk.part("sbom") == sbom);
}

TEST_CASE("reference values of another version, and a tree whose packages cannot be read, are refused") {
  DescribedDesk desk;
  CHECK(desk.publish("door-1", "2.0", {"--reference-values", "door.json"}) == kFailed);
  CHECK(desk.publish("door-1", "1.0", {"--reference-values", "tree/usr/bin/door"}) == kFailed);
  desk.files.put("tree/var/lib/dpkg/status", "Package: bash\nStatus: install ok installed\n");
  CHECK(desk.publish("door-1", "1.0", {"--sbom-from", "tree"}) == kFailed);
  CHECK(desk.repository()->images().empty());
}

TEST_CASE("a bundle has what a client could ask for, and its index leads to each byte of it") {
  DescribedDesk desk;
  REQUIRE(desk.publish("door-1", "1.0", {"--sbom-from", "tree"}) == kDone);
  REQUIRE(desk.publish("door-2", "2.0") == kDone);
  REQUIRE(desk.release("revoke", {"door", "2.0", "--reason", "x"}) == kDone);
  REQUIRE(desk.release("bundle", {"--out", "images.tar"}) == kDone);
  CHECK(desk.release("bundle", {"--out", "images.tar"}) == kConflict);
  const Bytes bundle = desk.files.files.at("images.tar").bytes;
  constexpr std::size_t kBlock = 512;
  CHECK(bundle.size() % kBlock == 0);
  const std::size_t length = std::stoul(std::string(as_text(bundle.subspan(124, 11))), nullptr, 8);
  const auto index = json::parse(bundle.subspan(kBlock, length));
  REQUIRE(index);
  const std::size_t begin = kBlock + (length + kBlock - 1) / kBlock * kBlock;
  std::vector<std::string> kinds;
  for (const json::Value& one : *index->find("files")->array()) {
    const std::string& path = *one.find("path")->text();
    const auto at = begin + static_cast<std::size_t>(*one.find("offset")->integer());
    const auto size = static_cast<std::size_t>(*one.find("length")->integer());
    CHECK(to_text(bundle.subspan(at, size)) == desk.files.text("images/" + path));
    kinds.push_back(path.substr(path.rfind('.') + 1));
  }
  std::ranges::sort(kinds);
  CHECK(kinds == std::vector<std::string>{"image", "json", "json", "json", "json", "manifest", "sbom", "withdrawn"});
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

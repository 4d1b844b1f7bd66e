#include <doctest/doctest.h>

#include <algorithm>

#include "cli/release/makers.h"
#include "cli/release_desk.h"

namespace holdfast::cli::commands {
namespace {

using test::kConflict;
using test::kDenied;
using test::kDone;
using test::kFailed;
using test::kNotFound;
using test::ReleaseDesk;

/// An owner who lets a maker, an owner of a repository as well, speak for `os`.
struct TwoOwners : ReleaseDesk {
  TwoOwners() {
    REQUIRE(run({"owner", "init", "--dir", "maker"}) == kDone);
    REQUIRE(run({"release", "init", "--repository", "maker-images", "--dir", "maker"}) == kDone);
    files.put("os-1", "an operating system");
    files.put("os-2", "another operating system");
    REQUIRE(delegate({}) == kDone);
  }
  int delegate(const std::vector<std::string>& more) {
    std::vector<std::string> words = {"acme", "--component", "os", "--key", "maker/root-key-1.pub"};
    words.insert(words.end(), more.begin(), more.end());
    return release("delegate", words);
  }
  static std::vector<std::string> described(const std::string& file, const std::string& component,
                                            const std::string& version) {
    return {file,      "--kind",    "os",    "--product",          "gateway", "--hardware", "board-a", "--component",
            component, "--version", version, "--security-version", "1"};
  }
  int make(const std::string& file, const std::string& component, const std::string& version) {
    std::vector<std::string> words = {"release", "publish", "--repository", "maker-images", "--dir", "maker"};
    const auto more = described(file, component, version);
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  int import() { return release("import", {"acme", "--from", "maker-images"}); }
};

TEST_CASE("a maker's release reaches another owner's devices, and nothing else that the maker says") {
  TwoOwners desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  REQUIRE(desk.make("os-1", "os", "1.0") == kDone);
  REQUIRE(desk.make("os-2", "door", "6.6") == kDone);
  REQUIRE(desk.import() == kDone);
  const auto images = desk.repository()->images();
  REQUIRE(images.size() == 2);
  CHECK(images.at("os/1.0/image").role == "acme");
  CHECK(images.at("door/1.0/image").role == "targets");
  CHECK(desk.repository()->read(desk.files, "os/1.0/image", 1000).has_value());
  CHECK(desk.repository()->find("door/6.6/image") == nullptr);
  const auto is_foreign = [](const auto& file) { return file.first.starts_with("images/targets/door/6.6"); };
  CHECK(std::ranges::none_of(desk.files.files, is_foreign));
}

TEST_CASE("what is not newer, not signed by the maker's keys, or has ended is not imported") {
  TwoOwners desk;
  REQUIRE(desk.make("os-1", "os", "1.0") == kDone);
  REQUIRE(desk.import() == kDone);
  CHECK(desk.import() == kConflict);
  REQUIRE(desk.make("os-2", "os", "2.0") == kDone);
  TwoOwners other;
  CHECK(other.delegate({"--threshold", "2"}) == kFailed);
  REQUIRE(other.run({"release", "make-key", "acme", "--dir", "eve"}) == kDone);
  REQUIRE(other.release("delegate", {"acme", "--component", "os", "--key", "eve/acme-key-1.pub"}) == kDone);
  REQUIRE(other.make("os-1", "os", "1.0") == kDone);
  CHECK(other.import() == kDenied);
  CHECK(other.release("import", {"nobody", "--from", "maker-images"}) == kNotFound);
  desk.clock.at = desk.clock.at + days(400);
  CHECK(desk.import() == kFailed);
  CHECK(desk.repository()->images().size() == 1);
}

TEST_CASE("a maker who gives a released version other bytes, or brings a withdrawn one back, is refused") {
  TwoOwners desk;
  REQUIRE(desk.make("os-1", "os", "1.0") == kDone);
  REQUIRE(desk.import() == kDone);
  const auto before = desk.files.files;
  // The maker's desk knows no version 1.0 any more.
  std::erase_if(desk.files.files, [](const auto& file) {
    return file.first.starts_with("maker-images/") || file.first == "maker/published.json";
  });
  REQUIRE(desk.run({"release", "init", "--repository", "maker-images", "--dir", "maker"}) == kDone);
  REQUIRE(desk.make("os-2", "os", "3.0") == kDone);
  REQUIRE(desk.make("os-2", "os", "1.0") == kDone);
  CHECK(desk.import() == kConflict);
  desk.files.files = before;
  REQUIRE(desk.run({"release", "revoke", "os", "1.0", "--reason", "wet", "--repository", "maker-images", "--dir",
                    "maker"}) == kDone);
  REQUIRE(desk.import() == kDone);
  CHECK(desk.repository()->images().empty());
  CHECK(desk.repository()->withdrawn().contains("os/1.0/withdrawn"));
  CHECK(desk.make("os-1", "os", "1.0") == kConflict);
}

TEST_CASE("an owner withdraws a maker's release for the own devices, whatever the maker says") {
  TwoOwners desk;
  REQUIRE(desk.make("os-1", "os", "1.0") == kDone);
  REQUIRE(desk.import() == kDone);
  REQUIRE(desk.release("revoke", {"os", "1.0", "--reason", "not for us"}) == kDone);
  CHECK(desk.repository()->images().empty());
  REQUIRE(desk.make("os-2", "os", "2.0") == kDone);
  REQUIRE(desk.import() == kDone);
  CHECK(desk.repository()->images().size() == 1);
  CHECK_FALSE(desk.repository()->images().contains("os/1.0/image"));
}

TEST_CASE("what is taken back from a maker is nobody's word any more") {
  TwoOwners desk;
  REQUIRE(desk.make("os-1", "os", "1.0") == kDone);
  REQUIRE(desk.import() == kDone);
  REQUIRE(desk.release("undelegate", {"acme"}) == kDone);
  CHECK(desk.repository()->images().empty());
  CHECK(desk.repository()->top().keys.empty());
  CHECK(desk.repository()->published().snapshot.meta.contains("acme.json"));
  CHECK(desk.import() == kNotFound);
  CHECK(desk.release("undelegate", {"acme"}) == kNotFound);
}

TEST_CASE("a delegation is to a role with a name of its own, for components and not for patterns") {
  TwoOwners desk;
  for (const char* role : {"root", "targets", "snapshot", "timestamp", "Acme", "../acme", ""}) {
    CHECK(desk.release("delegate", {role, "--component", "os", "--key", "maker/root-key-1.pub"}) != kDone);
  }
  for (const char* component : {"*", "os/*", "o?", "os/1.0"}) {
    CHECK(desk.release("delegate", {"acme", "--component", component, "--key", "maker/root-key-1.pub"}) == kFailed);
  }
  const auto delegations = desk.repository()->top().delegations;
  REQUIRE(delegations.size() == 1);
  CHECK(delegations.front().terminating);
  CHECK(delegations.front().paths == std::vector<std::string>{"os/*/*"});
}

/// The maker works on a copy of the owner's repository, with the owner's roots and keys of its own.
struct MakerOnCopy : ReleaseDesk {
  MakerOnCopy() {
    REQUIRE(run({"release", "make-key", "acme", "--dir", "maker"}) == kDone);
    REQUIRE(release("delegate", {"acme", "--component", "os", "--key", "maker/acme-key-1.pub"}) == kDone);
    files.files["maker/1.root.json"] = files.files.at("owner/1.root.json");
    files.put("os-1", "an operating system");
    copy("images", "copy");
  }
  void copy(const std::string& from, const std::string& to) {
    for (const auto& [file, content] : std::map(files.files)) {
      if (file.starts_with(from + "/")) files.files[to + file.substr(from.size())] = content;
    }
  }
  int publish_as_maker(const std::string& component, const std::string& version) {
    std::vector<std::string> words = {"release", "publish", "--repository", "copy", "--dir", "maker", "--role", "acme"};
    const auto more = TwoOwners::described("os-1", component, version);
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

TEST_CASE("a maker signs as the role that the owner gave it, and the owner takes it over") {
  MakerOnCopy desk;
  REQUIRE(desk.publish_as_maker("os", "1.0") == kDone);
  CHECK(desk.printed.find("waits for the owner") != std::string::npos);
  REQUIRE(desk.publish_as_maker("os", "1.1") == kDone);
  CHECK(desk.repository("copy", "maker")->images().empty());
  REQUIRE(desk.release("import", {"acme", "--from", "copy"}) == kDone);
  CHECK(desk.repository()->images().size() == 2);
  CHECK(desk.repository()->images().at("os/1.1/image").role == "acme");
}

TEST_CASE("a maker releases and withdraws nothing but what it was given, and not as the owner") {
  MakerOnCopy desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  desk.copy("images", "copy");
  CHECK(desk.publish_as_maker("door", "2.0") == kFailed);
  CHECK(desk.run({"release", "revoke", "door", "1.0", "--reason", "ours is better", "--role", "acme", "--repository",
                  "copy", "--dir", "maker"}) == kFailed);
  CHECK(desk.run({"release", "publish", "--repository", "copy", "--dir", "maker"}) == kDenied);
}

TEST_CASE("a version that was withdrawn leaves the repository, is told with its digest, and never comes back") {
  ReleaseDesk desk;
  REQUIRE(desk.publish("door-1", "1.0") == kDone);
  REQUIRE(desk.publish("door-2", "2.0", {"--delta-from", "1.0"}) == kDone);
  CHECK(desk.release("revoke", {"door", "3.0", "--reason", "x"}) == kNotFound);
  REQUIRE(desk.release("revoke", {"door", "1.0", "--reason", "opens at night"}) == kDone);
  CHECK(desk.release("revoke", {"door", "1.0", "--reason", "again"}) == kConflict);
  const auto repository = desk.repository();
  REQUIRE(repository);
  CHECK(repository->images().size() == 1);
  CHECK(repository->find("door/1.0/image") == nullptr);
  CHECK(repository->find("door/1.0/manifest") == nullptr);
  const auto* target = repository->find("door/1.0/withdrawn");
  REQUIRE(target != nullptr);
  const auto withdrawal = trust::update::withdrawal_from("door/1.0/withdrawn", target->custom);
  REQUIRE(withdrawal);
  CHECK(withdrawal->sha256 == trust::crypto::sha256(as_bytes("the first door")));
  CHECK(withdrawal->length == 14);
  CHECK(withdrawal->reason == "opens at night");
  CHECK(desk.publish("door-1", "1.0") == kConflict);
  CHECK(desk.publish("door-2", "1.0") == kConflict);
  CHECK(desk.publish("door-1", "3.0", {"--delta-from", "1.0"}) == kNotFound);
  REQUIRE(desk.release("list") == kDone);
  CHECK(desk.printed.find("withdrawn") != std::string::npos);
}

}  // namespace
}  // namespace holdfast::cli::commands

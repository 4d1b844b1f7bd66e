#include "linux/slots/file_slots.h"

#include <doctest/doctest.h>

#include "fails_with.h"
#include "linux/slots/file_floor.h"
#include "linux/system/files.h"
#include "temporary_folder.h"

namespace holdfast::linux::slots {
namespace {

const Blob kImage = {'o', 'n', 'e'};
constexpr std::int64_t kCapacity = 4096;

Result<void> ignore(std::string_view, const std::filesystem::path&) { return {}; }

struct Folder {
  tests::TemporaryFolder folder;
  Folder() { REQUIRE(FileSlots::lay(folder.path(), "app", kImage, {.capacity = kCapacity, .needs_boot = false})); }
  FileSlots open(std::int64_t boot, Restart restart = ignore) {
    auto opened = FileSlots::open(folder.path(), boot, std::move(restart));
    REQUIRE(opened);
    return *std::move(opened);
  }
};

}  // namespace

TEST_CASE("one boot starts what is armed once, however often the agent starts in it") {
  Folder folder;
  FileSlots first = folder.open(1);
  REQUIRE(first.write("app", 0, kImage));
  REQUIRE(first.sync("app"));
  REQUIRE(first.arm("app", 3));
  CHECK(folder.open(1).facts("app")->trial == ports::Trial::Armed);
  CHECK(folder.open(2).facts("app")->trial == ports::Trial::Running);
  CHECK(folder.open(2).facts("app")->trial == ports::Trial::Running);
  CHECK(folder.open(3).facts("app")->trial == ports::Trial::Failed);
}

TEST_CASE("whoever runs an application is told which image it is from now on") {
  Folder folder;
  std::vector<std::string> told;
  FileSlots slots = folder.open(1, [&](std::string_view component, const std::filesystem::path& image) -> Result<void> {
    told.push_back(std::string(component) + " " + image.filename().string());
    return {};
  });
  REQUIRE(slots.write("app", 0, kImage));
  REQUIRE(slots.arm("app", 3));
  REQUIRE(slots.restart("app"));
  REQUIRE(slots.restart("app"));
  CHECK(told == std::vector<std::string>{"app b.img", "app a.img"});
  CHECK(slots.image("app")->filename() == "a.img");
  CHECK(slots.applications() == std::vector<std::string>{"app"});
}

TEST_CASE("an application that has none gets places for settings, once, and runs without until some are tried") {
  Folder folder;
  FileSlots slots = folder.open(1);
  CHECK(fails_with(slots.facts("app-settings"), ports::kSlotsMissing));
  REQUIRE(slots.lay_settings());
  REQUIRE(slots.lay_settings());
  CHECK(slots.applications() == std::vector<std::string>{"app"});
  CHECK(slots.application_of("app-settings") == "app");
  CHECK((*slots.settings("app") == std::nullopt));
  REQUIRE(slots.write("app-settings", 0, kImage));
  REQUIRE(slots.arm("app-settings", 3));
  // The agent starts again in the same boot: nothing is tried yet.
  FileSlots again = folder.open(1);
  CHECK(again.facts("app-settings")->trial == ports::Trial::Armed);
  REQUIRE(again.restart("app-settings"));
  CHECK((*again.settings("app") == kImage));
  REQUIRE(again.restart("app-settings"));
  CHECK((*again.settings("app") == std::nullopt));
}

TEST_CASE("settings are as long as they were armed, whatever the place held before") {
  Folder folder;
  FileSlots slots = folder.open(1);
  REQUIRE(slots.lay_settings());
  const auto take = [&](std::string_view text) {
    REQUIRE(slots.write("app-settings", 0, as_bytes(text)));
    REQUIRE(slots.arm("app-settings", std::ssize(text)));
    REQUIRE(slots.restart("app-settings"));
    REQUIRE(slots.confirm("app-settings"));
  };
  for (const std::string_view text : {"the first of them", "second", "third"}) take(text);
  CHECK((to_text(**slots.settings("app")) == "third"));
  CHECK((to_text(**folder.open(2).settings("app")) == "third"));
  REQUIRE(slots.write("app-settings", 0, as_bytes("something longer")));
  CHECK((to_text(**slots.settings("app")) == "third"));
}

TEST_CASE("settings that the device was made with are used, and a system has none") {
  Folder folder;
  REQUIRE(FileSlots::lay(folder.folder.path(), "app-settings", kImage, {.capacity = kCapacity}));
  REQUIRE(FileSlots::lay(folder.folder.path(), "os", kImage, {.capacity = kCapacity, .needs_boot = true}));
  FileSlots slots = folder.open(1);
  REQUIRE(slots.lay_settings());
  CHECK((*slots.settings("app") == kImage));
  CHECK(slots.applications() == std::vector<std::string>{"app"});
  CHECK((slots.application_of("os") == std::nullopt));
  CHECK(fails_with(slots.facts("os-settings"), ports::kSlotsMissing));
}

TEST_CASE("a state that somebody damaged is refused, and so is a folder that is not there") {
  Folder folder;
  const auto state = folder.folder.path() / "app" / kStateName;
  REQUIRE(system::write_file(state, as_bytes("{\"confirmed\":\"c\"}"), system::FileMode::Private));
  CHECK_FALSE(FileSlots::open(folder.folder.path(), 1, ignore));
  CHECK_FALSE(FileSlots::open(folder.folder.path() / "none", 1, ignore));
}

TEST_CASE("a floor that was written over is missing, and is laid anew by raising it") {
  tests::TemporaryFolder folder;
  FileFloor floor(folder.path() / "floor.json");
  REQUIRE(floor.raise("os", 2, nullptr));
  REQUIRE(system::write_file(folder.path() / "floor.json", as_bytes("{\"os\":\"two\"}"), system::FileMode::Private));
  CHECK(floor.read("os")->is_missing);
  REQUIRE(floor.raise("os", 3, nullptr));
  CHECK(floor.read("os")->lowest == 3);
  CHECK_FALSE(floor.read("os")->is_missing);
}

}  // namespace holdfast::linux::slots

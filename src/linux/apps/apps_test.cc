#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "base/text.h"
#include "fails_with.h"
#include "linux/apps/applications.h"
#include "linux/system/files.h"
#include "linux/system/program.h"

namespace holdfast::linux::apps {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kEnough{30};

/// A folder that other users may pass through, gone at the end.
class Place {
 public:
  Place() {
    std::string name = (fs::temp_directory_path() / "holdfast-apps.XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder_ = name;
    REQUIRE(chmod(folder_.c_str(), 0755) == 0);
  }
  ~Place() { fs::remove_all(folder_); }
  fs::path operator/(std::string_view name) const { return folder_ / name; }

  /// An image whose entry point is this shell script.
  fs::path image(std::string_view script, std::string_view manifest = R"({"component": "door", "version": "1.0",
      "entry_point": "/bin/door", "arguments": ["one"]})") {
    const fs::path tree = folder_ / "source";
    fs::remove_all(tree);
    fs::create_directories(tree / "bin");
    write(tree / kManifestName, manifest);
    write(tree / "bin" / "door", cat("#!/bin/sh\n", script, "\n"));
    REQUIRE(chmod((tree / "bin" / "door").c_str(), 0755) == 0);
    return pack(tree);
  }
  fs::path pack(const fs::path& tree) {
    const fs::path out = folder_ / cat("image-", ++images_);
    const auto made = system::run_program({"mkfs.erofs", "-T0", out.string(), tree.string()}, folder_ / "log", kEnough);
    REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    return out;
  }
  static void write(const fs::path& file, std::string_view text) { std::ofstream(file) << text; }
  static std::string read(const fs::path& file) {
    const auto bytes = system::read_file(file, 4096);
    return bytes ? std::string(as_text(*bytes)) : std::string();
  }

 private:
  fs::path folder_;
  int images_ = 0;
};

/// Looks until something ended.
std::vector<Ended> await_end(Applications& applications, Instant now) {
  for (int i = 0; i < 500; ++i) {
    auto ended = applications.look(now);
    if (!ended.empty()) return ended;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return {};
}

}  // namespace

TEST_CASE("an application runs from its image, with its arguments, and as nobody's root") {
  Place place;
  REQUIRE(chmod((place / ".").c_str(), 0777) == 0);
  const auto said = place / "said";
  const auto image = place.image(cat("echo \"$1 $(id -u) $(pwd)\" > ", said.string()));
  Applications applications(place / "trees");
  applications.start("door", image);
  const auto ended = await_end(applications, Instant{1000});
  REQUIRE(ended.size() == 1);
  CHECK_FALSE(ended[0].is_crash);
  CHECK(ended[0].version == "1.0");
  const std::string words = Place::read(said);
  CHECK(words.starts_with("one "));
  CHECK(words.find((place / "trees").string()) != std::string::npos);
  if (geteuid() == 0) CHECK(words.find(" 0 ") == std::string::npos);
}

TEST_CASE("one that ends starts again after a wait that grows, and its crashes are told as such") {
  Place place;
  Applications applications(place / "trees");
  applications.start("door", place.image("exit 3"));
  Instant now{1000};
  Duration before{};
  for (int i = 0; i < 3; ++i) {
    const auto ended = await_end(applications, now);
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].is_crash);
    CHECK(ended[0].how == "status 3");
    const auto next = applications.next();
    REQUIRE(next);
    CHECK(*next - now > before);
    before = *next - now;
    CHECK(applications.look(now).empty());
    now = *next;
  }
}

TEST_CASE("a new image takes the place of what runs, and nothing runs behind the end") {
  Place place;
  REQUIRE(chmod((place / ".").c_str(), 0777) == 0);
  const auto first = place / "first";
  pid_t process = 0;
  {
    Applications applications(place / "trees");
    applications.start("door", place.image(cat("echo $$ > ", first.string(), "; exec sleep 100")));
    CHECK(applications.look(Instant{1000}).empty());
    for (int i = 0; i < 500 && Place::read(first).empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    process = std::stoi(Place::read(first));
    CHECK(kill(process, 0) == 0);
    applications.start("door", place.image("exec sleep 100"));
    CHECK(kill(process, 0) != 0);
    CHECK(applications.look(Instant{2000}).empty());
  }
  CHECK(fs::is_empty(place / "trees") == false);  // the log of the last unpacking
}

TEST_CASE("an application reads its settings, which it cannot write and which are closed to other users") {
  Place place;
  REQUIRE(chmod((place / ".").c_str(), 0777) == 0);
  const auto said = place / "said";
  const auto door =
      place.image(cat("cat \"$HOLDFAST_SETTINGS\" > ", said.string(),
                      "; true 2>/dev/null >> \"$HOLDFAST_SETTINGS\" || echo ' unwritten' >> ", said.string()));
  Applications applications(place / "trees", [](auto) { return std::optional(to_blob(as_bytes("{\"open\":1}"))); });
  applications.start("door", door);
  REQUIRE(await_end(applications, Instant{1000}).size() == 1);
  CHECK(Place::read(said) == "{\"open\":1} unwritten\n");
  struct stat file{};
  REQUIRE(stat((place / "trees/door.settings.json").c_str(), &file) == 0);
  CHECK((file.st_mode & 0777) == (geteuid() == 0 ? 0440 : 0400));
  if (geteuid() == 0) CHECK(file.st_gid >= 61'184);
}

TEST_CASE("new settings take the place of the former, none leave nothing, and what cannot be read is a crash") {
  Place place;
  REQUIRE(chmod((place / ".").c_str(), 0777) == 0);
  const auto said = place / "said";
  const auto door = place.image(
      cat("(cat \"${HOLDFAST_SETTINGS:-/dev/null}\"; echo \"${HOLDFAST_SETTINGS-none}\") > ", said.string()));
  Result<std::optional<Blob>> settings;
  Applications applications(place / "trees", [&](std::string_view component) {
    CHECK(component == "door");
    return settings;
  });
  applications.start("door", door);
  Instant now{1000};
  for (const std::string_view text : {"one", "two"}) {
    settings = to_blob(as_bytes(text));
    REQUIRE(await_end(applications, now).size() == 1);
    CHECK(Place::read(said).starts_with(cat(text, "/")));
    now = *applications.next();
  }
  settings = fail(Next::Corrupt, system::kFileFailed, "damaged");
  const auto ended = applications.look(now);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].is_crash);
  CHECK(ended[0].how == "damaged");
  CHECK(ended[0].version == "1.0");
  settings = std::optional<Blob>();
  REQUIRE(await_end(applications, *applications.next()).size() == 1);
  CHECK(Place::read(said) == "none\n");
  CHECK_FALSE(fs::exists(place / "trees/door.settings.json"));
}

TEST_CASE("no application outlives an agent that is killed") {
  Place place;
  REQUIRE(chmod((place / ".").c_str(), 0777) == 0);
  const auto said = place / "said";
  const auto image = place.image(cat("echo $$ > ", said.string(), "; exec sleep 100"));
  const pid_t agent = fork();
  if (agent == 0) {
    Applications applications(place / "trees");
    applications.start("door", image);
    applications.look(Instant{1000});
    pause();
    _exit(0);
  }
  for (int i = 0; i < 500 && Place::read(said).empty(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const pid_t application = std::stoi(Place::read(said));
  CHECK(kill(application, 0) == 0);
  REQUIRE(kill(agent, SIGKILL) == 0);
  REQUIRE(waitpid(agent, nullptr, 0) == agent);
  const auto is_gone = [&] { return kill(application, 0) != 0; };
  for (int i = 0; i < 500 && !is_gone(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(is_gone());
}

TEST_CASE("an image that is none, or another component's, has crashed and is no error") {
  Place place;
  Place::write(place / "junk", "no image");
  Applications applications(place / "trees");
  applications.start("door", place / "junk");
  const auto ended = applications.look(Instant{1000});
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].is_crash);
  applications.start("window", place.image("exit 0"));
  const auto other = applications.look(Instant{1000});
  REQUIRE(other.size() == 1);
  CHECK(other[0].how == "it is another component");
}

TEST_CASE("a tree with devices, rights, links that lead out or too much is refused") {
  Place place;
  const fs::path tree = place / "tree";
  const auto refused = [&](const auto& spoil) {
    fs::remove_all(tree);
    fs::create_directories(tree);
    Place::write(tree / "file", "bytes");
    CHECK(require_fit_tree(tree));
    spoil();
    return fails_with(require_fit_tree(tree), kTreeUnfit);
  };
  CHECK(refused([&] { fs::create_symlink("/etc/passwd", tree / "link"); }));
  CHECK(refused([&] { fs::create_symlink("../../etc/passwd", tree / "link"); }));
  CHECK(refused([&] { REQUIRE(mkfifo((tree / "pipe").c_str(), 0600) == 0); }));
  CHECK(refused([&] { REQUIRE(chmod((tree / "file").c_str(), 04755) == 0); }));
  CHECK(refused([&] { fs::create_hard_link(tree / "file", tree / "again"); }));
  fs::remove_all(tree);
  fs::create_directories(tree);
  Place::write(tree / "file", "bytes");
  CHECK(fails_with(require_fit_tree(tree, 4), kTreeUnfit));
}

TEST_CASE("a manifest says what starts, and nothing outside of the image does") {
  CHECK(parse_application(as_bytes(R"({"component":"door","version":"1","entry_point":"/a/b"})")));
  for (const char* entry : {"", "bin/door", "/", "/../bin/sh", "/a/../../b", "//bin/sh", "/./a"}) {
    const std::string json = cat(R"({"component":"door","version":"1","entry_point":")", entry, "\"}");
    CHECK_FALSE(parse_application(as_bytes(json)));
  }
  CHECK_FALSE(parse_application(as_bytes(R"({"component":"door","version":"1","entry_point":"/a","user":"root"})")));
}

}  // namespace holdfast::linux::apps

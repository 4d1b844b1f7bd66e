#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>

#include "fails_with.h"
#include "linux/medium/path_medium.h"
#include "sim/medium/memory_medium.h"
#include "temporary_folder.h"

namespace holdfast::tests {
namespace {

namespace fs = std::filesystem;
using linux::medium::PathMedium;

const std::map<std::string, std::string> kFiles = {{"director/acme/all.json", "a word"},
                                                   {"metadata/timestamp.json", "{}"},
                                                   {"targets/os/2.0/x.image", std::string(5000, 'i')}};

void write_text(const fs::path& file, std::string_view text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

Blob bundle() {
  std::vector<wire::BundleMember> members;
  for (const auto& [name, text] : kFiles) members.push_back({name, std::ssize(text)});
  Blob out = *wire::make_bundle_index(members);
  for (const auto& [name, text] : kFiles) {
    out = concat({out, *wire::tar_header(name, std::ssize(text)), as_bytes(text), wire::tar_padding(std::ssize(text))});
  }
  return out;
}

enum class Kind { Memory, Folder, Bundle };

/// A medium with these files, which can be taken out.
struct Bench {
  explicit Bench(Kind kind) {
    const fs::path at = folder.path() / "stick";
    for (const auto& [name, text] : kFiles) {
      if (kind == Kind::Memory) memory.files[name] = to_blob(as_bytes(text));
      if (kind == Kind::Folder) write_text(at / name, text);
    }
    if (kind == Kind::Bundle) write_text(at, as_text(bundle()));
    if (kind != Kind::Memory) path = std::make_unique<PathMedium>(at);
  }
  ports::Medium& medium() { return path ? static_cast<ports::Medium&>(*path) : memory; }
  void take_out() {
    memory.is_in = false;
    if (path) path->put_down();
    fs::remove_all(folder.path() / "stick");
  }

  TemporaryFolder folder;
  sim::medium::MemoryMedium memory;
  std::unique_ptr<PathMedium> path;
};

}  // namespace

TEST_CASE("a medium gives any part of any of its files, and nothing of those that it has not") {
  for (const Kind kind : {Kind::Memory, Kind::Folder, Kind::Bundle}) {
    Bench bench(kind);
    CHECK((*bench.medium().look()));
    for (const auto& [name, text] : kFiles) {
      const auto all = bench.medium().read(name, 0, 10'000);
      REQUIRE(all);
      REQUIRE(*all);
      CHECK(as_text(**all) == text);
    }
    CHECK(as_text(**bench.medium().read("director/acme/all.json", 2, 3)) == "wor");
    CHECK(as_text(**bench.medium().read("director/acme/all.json", 4, 30)) == "rd");
    CHECK((**bench.medium().read("director/acme/all.json", 6, 30)).empty());
    CHECK((**bench.medium().read("director/acme/all.json", 60, 30)).empty());
    for (const char* name : {"director/acme/none.json", "nowhere/at/all", "metadata/timestamp.json/x"}) {
      const auto none = bench.medium().read(name, 0, 10);
      REQUIRE(none);
      CHECK_FALSE(*none);
    }
  }
}

TEST_CASE("a path that leads out of the medium is refused, whatever lies there") {
  for (const Kind kind : {Kind::Memory, Kind::Folder, Kind::Bundle}) {
    Bench bench(kind);
    write_text(bench.folder.path() / "secret", "nobody's business");
    for (const char* path : {"../secret", "metadata/../../secret", "/etc/passwd", "", "metadata//timestamp.json"}) {
      CHECK(fails_with(bench.medium().read(path, 0, 10), ports::kMediumUnfit));
    }
  }
}

TEST_CASE("a medium that was taken out is missing, and none is no failure") {
  for (const Kind kind : {Kind::Memory, Kind::Folder, Kind::Bundle}) {
    Bench bench(kind);
    REQUIRE((*bench.medium().look()));
    bench.take_out();
    CHECK((*bench.medium().look() == false));
    CHECK(fails_with(bench.medium().read("metadata/timestamp.json", 0, 10), ports::kMediumMissing));
  }
}

TEST_CASE("a mount point that nothing is mounted on is no medium") {
  TemporaryFolder folder;
  CHECK((*PathMedium(folder.path()).look() == false));
}

TEST_CASE("links on a medium, pipes and folders in a file's place are not read") {
  Bench bench(Kind::Folder);
  const fs::path stick = bench.folder.path() / "stick";
  write_text(bench.folder.path() / "secret", "nobody's business");
  fs::create_symlink(bench.folder.path() / "secret", stick / "director/acme/link.json");
  fs::create_directory_symlink(bench.folder.path(), stick / "director/out");
  REQUIRE(mkfifo((stick / "director/acme/pipe.json").c_str(), 0600) == 0);
  CHECK(fails_with(bench.medium().read("director/acme/link.json", 0, 10), ports::kMediumUnfit));
  CHECK(fails_with(bench.medium().read("director/acme/pipe.json", 0, 10), ports::kMediumUnfit));
  CHECK(fails_with(bench.medium().read("director/acme", 0, 10), ports::kMediumUnfit));
  CHECK((*bench.medium().read("director/out/secret", 0, 10) == std::nullopt));
}

TEST_CASE("a link to a medium, a pipe, and a file that is no bundle are refused") {
  Bench bench(Kind::Bundle);
  const fs::path stick = bench.folder.path() / "stick";
  fs::create_symlink(stick, bench.folder.path() / "link");
  CHECK(fails_with(PathMedium(bench.folder.path() / "link").look(), ports::kMediumUnfit));
  REQUIRE(mkfifo((bench.folder.path() / "pipe").c_str(), 0600) == 0);
  CHECK(fails_with(PathMedium(bench.folder.path() / "pipe").look(), ports::kMediumUnfit));
  write_text(bench.folder.path() / "text", std::string(5000, 't'));
  CHECK(fails_with(PathMedium(bench.folder.path() / "text").look(), wire::kBundleMalformed));
  write_text(bench.folder.path() / "short", "t");
  CHECK(fails_with(PathMedium(bench.folder.path() / "short").look(), wire::kBundleMalformed));
  fs::resize_file(stick, fs::file_size(stick) - 600);
  CHECK(fails_with(PathMedium(stick).look(), wire::kBundleMalformed));
}

}  // namespace holdfast::tests

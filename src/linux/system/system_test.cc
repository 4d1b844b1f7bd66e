#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>

#include "linux/system/clock.h"
#include "linux/system/directory_disk.h"
#include "linux/system/file_pages.h"
#include "linux/system/files.h"
#include "linux/system/process.h"
#include "linux/system/random.h"

namespace holdfast::linux::system {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "holdfast-system-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    at = name;
  }
  ~Folder() { fs::remove_all(at); }
  fs::path at;
};

unsigned mode_of(const fs::path& path) {
  struct stat facts{};
  REQUIRE(lstat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777;
}

/// KiB of files that are mapped and present (proc_pid_status(5)).
long resident_file_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssFile:")) return std::strtol(line.c_str() + 8, nullptr, 10);
  }
  return -1;
}

TEST_CASE("the system clock goes forward and knows the century") {
  SystemClock clock;
  const Instant before = clock.now();
  CHECK(clock.now() >= before);
  CHECK(to_rfc3339(clock.wall_time()).starts_with("20"));
}

TEST_CASE("random bytes fill the whole span and differ each time") {
  SystemRandom random;
  std::set<ByteArray<32>> seen;
  for (int i = 0; i < 64; ++i) seen.insert(ports::random_array<32>(random));
  CHECK(seen.size() == 64);
  Blob large(4096, 0);
  random.fill(large);
  CHECK(std::set<std::uint8_t>(large.end() - 512, large.end()).size() > 100);
}

TEST_CASE("a secret file is made for its owner alone, whatever the umask") {
  const Folder folder;
  const mode_t before = umask(0);
  REQUIRE(write_file(folder.at / "key", as_bytes("secret"), FileMode::Private));
  umask(before);
  CHECK(mode_of(folder.at / "key") == 0600);
  CHECK(as_text(read_secret_file(folder.at / "key", 100)->expose()) == "secret");
}

TEST_CASE("a public file is readable by all, whatever the umask") {
  const Folder folder;
  const mode_t before = umask(077);
  REQUIRE(write_file(folder.at / "ca.pem", as_bytes("x"), FileMode::Public));
  umask(before);
  CHECK(mode_of(folder.at / "ca.pem") == 0644);
}

TEST_CASE("a secret that others could read is refused") {
  const Folder folder;
  REQUIRE(write_file(folder.at / "key", as_bytes("secret"), FileMode::Private));
  REQUIRE(chmod((folder.at / "key").c_str(), 0640) == 0);
  const auto read = read_secret_file(folder.at / "key", 100);
  REQUIRE(!read);
  CHECK(read.error().reason == kFileExposed);
  CHECK(read_file(folder.at / "key", 100));
}

TEST_CASE("a symbolic link in the place of a file is not followed") {
  const Folder folder;
  REQUIRE(write_file(folder.at / "victim", as_bytes("old"), FileMode::Private));
  fs::create_symlink(folder.at / "victim", folder.at / "link");
  CHECK(!read_file(folder.at / "link", 100));
  REQUIRE(write_file(folder.at / "link", as_bytes("new"), FileMode::Private));
  CHECK(to_text(*read_file(folder.at / "victim", 100)) == "old");
}

TEST_CASE("a file above the bound is refused, one at it is read") {
  const Folder folder;
  REQUIRE(write_file(folder.at / "f", as_bytes("12345"), FileMode::Public));
  CHECK(read_file(folder.at / "f", 5)->size() == 5);
  CHECK(read_file(folder.at / "f", 4).error().reason == kFileTooLarge);
}

TEST_CASE("a missing file, a directory and a pipe are told apart from a file") {
  const Folder folder;
  CHECK(read_file(folder.at / "none", 5).error().reason == kFileMissing);
  CHECK(read_file(folder.at, 5).error().reason == kFileFailed);
  REQUIRE(mkfifo((folder.at / "pipe").c_str(), 0600) == 0);
  CHECK(read_file(folder.at / "pipe", 5).error().reason == kFileFailed);
}

TEST_CASE("creating a file never replaces one") {
  const Folder folder;
  REQUIRE(create_file(folder.at / "root", as_bytes("first"), FileMode::Private));
  const auto again = create_file(folder.at / "root", as_bytes("second"), FileMode::Private);
  REQUIRE(!again);
  CHECK(again.error().next == Next::Conflict);
  CHECK(to_text(*read_file(folder.at / "root", 100)) == "first");
  CHECK(std::distance(fs::directory_iterator(folder.at), fs::directory_iterator()) == 1);
}

TEST_CASE("a private directory that others may enter is refused") {
  const Folder folder;
  REQUIRE(make_private_directory(folder.at / "d"));
  CHECK(mode_of(folder.at / "d") == 0700);
  CHECK(make_private_directory(folder.at / "d"));
  REQUIRE(chmod((folder.at / "d").c_str(), 0755) == 0);
  CHECK(make_private_directory(folder.at / "d").error().reason == kFileExposed);
}

TEST_CASE("a record is read back, replaced, and removed twice without complaint") {
  const Folder folder;
  auto disk = DirectoryDisk::open(folder.at / "state");
  REQUIRE(disk);
  CHECK(*disk->read("phase") == std::nullopt);
  REQUIRE(disk->write("phase", as_bytes("one")));
  REQUIRE(disk->write("phase", as_bytes("two")));
  CHECK(disk->read("phase")->value() == to_blob(as_bytes("two")));
  CHECK(mode_of(folder.at / "state" / "phase") == 0600);
  CHECK(disk->remove("phase"));
  CHECK(disk->remove("phase"));
  CHECK(*disk->read("phase") == std::nullopt);
}

TEST_CASE("what an interrupted write left behind is swept away when the disk is opened") {
  const Folder folder;
  REQUIRE(DirectoryDisk::open(folder.at / "state")->write("phase", as_bytes("one")));
  REQUIRE(write_file(folder.at / "state" / ".phase.new", as_bytes("half"), FileMode::Private));
  auto disk = DirectoryDisk::open(folder.at / "state");
  REQUIRE(disk);
  CHECK(!fs::exists(folder.at / "state" / ".phase.new"));
  CHECK(disk->read("phase")->value() == to_blob(as_bytes("one")));
}

TEST_CASE("pages of the program's files are given back and come again as they were, and what was written stays") {
  static constexpr const char* kRelocated[] = {"one", "two"};  // addresses that the loader wrote
  static std::string written = "before";
  written = std::string(100, 'a');
  const long before = resident_file_kib();
  REQUIRE(before > 0);
  release_file_pages();
  CHECK(resident_file_kib() < before);
  CHECK(std::string(kRelocated[1]) == "two");
  CHECK(written == std::string(100, 'a'));
  Blob random(32);
  SystemRandom().fill(random);
  CHECK(random != Blob(32));
}

TEST_CASE("a process that keeps its memory private can be neither dumped nor attached to") {
  const pid_t child = ::fork();
  if (child == 0) {
    rlimit core{};
    const bool kept = keep_memory_private() && ::prctl(PR_GET_DUMPABLE) == 0 && ::getrlimit(RLIMIT_CORE, &core) == 0 &&
                      core.rlim_cur == 0 && core.rlim_max == 0;
    ::_exit(kept ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace holdfast::linux::system

// Each attempt in a process of its own: what it gives up is gone for good.
#include "linux/confine/confine.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "linux/system/files.h"
#include "temporary_folder.h"

namespace holdfast::linux::confine {
namespace {

/// What the attempt returned, in a process that was confined first; -1 where it could not be.
int attempt(const std::function<bool()>& confine, const std::function<int()>& what) {
  const pid_t child = ::fork();
  // Past whatever a sanitizer does at the end, which a confined process may not.
  if (child == 0) ::syscall(SYS_exit_group, confine() ? what() : 255);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return 1000 + WTERMSIG(status);
  return WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
}

int error_of(long result) { return result < 0 ? errno : 0; }
int opens(const std::string& file, int how = O_RDONLY) { return error_of(::open(file.c_str(), how, 0600)); }

struct World {
  tests::TemporaryFolder folder;
  std::string readable = folder.path() / "readable";
  std::string writable = folder.path() / "writable";
  std::string hidden = folder.path() / "hidden";
  World() {
    for (const auto& one : {readable, writable, hidden}) {
      REQUIRE(::mkdir(one.c_str(), 0700) == 0);
      REQUIRE(system::write_file(one + "/file", as_bytes("x"), system::FileMode::Public));
    }
  }
  bool confine() const {
    const Reach within[] = {
        {readable, Reach::May::Read}, {writable, Reach::May::Write}, {hidden + "/not there", Reach::May::Write}};
    return confine_files(within);
  }
};

}  // namespace

TEST_CASE("a confined process reads, writes and runs what is within its reach, and nothing else") {
  const World world;
  const auto tried = [&](const std::function<int()>& what) { return attempt([&] { return world.confine(); }, what); };
  CHECK(attempt([] { return true; }, [&] { return opens(world.hidden + "/file"); }) == 0);
  CHECK(tried([&] { return opens(world.readable + "/file"); }) == 0);
  CHECK(tried([&] { return opens(world.readable + "/file", O_WRONLY); }) == EACCES);
  CHECK(tried([&] { return opens(world.readable + "/new", O_WRONLY | O_CREAT); }) == EACCES);
  CHECK(tried([&] { return opens(world.writable + "/file", O_RDWR); }) == 0);
  CHECK(tried([&] { return opens(world.writable + "/new", O_WRONLY | O_CREAT); }) == 0);
  CHECK(tried([&] {
          return error_of(::rename((world.writable + "/file").c_str(), (world.writable + "/b").c_str()));
        }) == 0);
  CHECK(tried([&] { return opens(world.hidden + "/file"); }) == EACCES);
  CHECK(tried([&] { return opens("/etc/passwd"); }) == EACCES);
  CHECK(tried([&] { return error_of(::execl("/bin/true", "true", nullptr)); }) == EACCES);
  CHECK(attempt(
            [] {
              const Reach within[] = {{"/usr", Reach::May::ReadAndExecute},
                                      {"/lib", Reach::May::ReadAndExecute},
                                      {"/lib64", Reach::May::ReadAndExecute},
                                      {"/etc/ld.so.cache", Reach::May::Read}};
              return confine_files(within);
            },
            [] { return error_of(::execl("/usr/bin/true", "true", nullptr)); }) == 0);
}

TEST_CASE("a process that is confined to calls has EPERM for every other, and a 32-bit one is its end") {
  const int few[] = {SYS_exit_group, SYS_getpid};
  const auto to_few = [&] { return confine_calls(few); };
  CHECK(attempt(to_few, [] { return error_of(::syscall(SYS_getpid)); }) == 0);
  CHECK(attempt(to_few, [] { return error_of(::socket(AF_INET, SOCK_STREAM, 0)); }) == EPERM);
  CHECK(attempt(to_few, [] { return opens("/etc/passwd"); }) == EPERM);
  CHECK(attempt(to_few, [] {
          asm volatile("int $0x80" : : "a"(20) : "memory");  // getpid of 32-bit programs
          return 0;
        }) == 1000 + SIGSYS);
}

TEST_CASE("what nobody has any use for is refused where no calls are named, and the rest goes on") {
  const auto to_common = [] { return confine_calls({}); };
  CHECK(attempt(to_common, [] { return error_of(::socket(AF_INET, SOCK_STREAM, 0)); }) == 0);
  CHECK(attempt(to_common, [] { return opens("/etc/passwd"); }) == 0);
  CHECK(attempt(to_common, [] { return error_of(::mount("none", "/tmp", "tmpfs", 0, "")); }) == EPERM);
  CHECK(attempt(to_common, [] { return error_of(::syscall(SYS_ptrace, 0, 0, 0, 0)); }) == EPERM);
  CHECK(attempt(to_common, [] { return error_of(::syscall(SYS_bpf, 0, nullptr, 0)); }) == EPERM);
}

}  // namespace holdfast::linux::confine

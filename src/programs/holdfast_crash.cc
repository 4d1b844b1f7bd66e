// holdfast-crash: what the kernel starts with the core of a process that crashed on its standard input (core(5)). Keeps
// the last one of each program, as far as linux/crash keeps cores, and has no more rights for it than to one folder.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/text.h"
#include "linux/confine/confine.h"
#include "linux/crash/core_dump.h"
#include "linux/system/descriptor.h"
#include "linux/system/files.h"

namespace {

using namespace holdfast;
using linux::confine::Reach;

const std::filesystem::path kFolder = "/state/crashes/cores";
constexpr unsigned kCrashUser = 103;  ///< os/root.py
constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kProgramsMax = 16;
constexpr rlim_t kMemoryBytes = 64 * 1024 * 1024;

constexpr Reason kCrashFailed{"crash-failed"};

/// `!usr!sbin!rdate`, as the kernel says it: of a program that may be anybody's.
std::string name_of(std::string_view program) {
  std::string out;
  for (const char c : program.substr(0, kNameBytesMax)) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    out += is_plain ? c : '_';
  }
  return out;
}

/// Nobody fills the disk with programs of many names.
Result<void> require_room(const std::filesystem::path& file) {
  std::error_code problem;
  std::size_t others = 0;
  for (const auto& one : std::filesystem::directory_iterator(kFolder, problem)) others += one.path() != file ? 1 : 0;
  if (!problem && others < kProgramsMax) return {};
  return fail(Next::Exhausted, kCrashFailed, "expected a folder with room for a core, saw none");
}

Result<void> confine() {
  const rlimit memory{.rlim_cur = kMemoryBytes, .rlim_max = kMemoryBytes};
  const Reach within[] = {{kFolder.string(), Reach::May::Write}};
  const bool is_confined = ::setrlimit(RLIMIT_AS, &memory) == 0 &&
                           ::setresgid(kCrashUser, kCrashUser, kCrashUser) == 0 &&
                           ::setresuid(kCrashUser, kCrashUser, kCrashUser) == 0 &&
                           linux::confine::confine_files(within) && linux::confine::confine_calls({});
  if (is_confined) return {};
  return fail(Next::Denied, kCrashFailed, cat("expected to give up rights, saw: ", std::strerror(errno)));
}

Result<void> keep_core(std::string_view program) {
  TRY(confine());
  const std::filesystem::path file = kFolder / cat(name_of(program), ".core");
  TRY(require_room(file));
  const Blob core = TRY(linux::crash::reduce_core([](std::span<std::uint8_t> into) -> Result<std::size_t> {
    ssize_t got = -1;
    do got = ::read(STDIN_FILENO, into.data(), into.size());
    while (got < 0 && errno == EINTR);
    if (got >= 0) return static_cast<std::size_t>(got);
    return fail(Next::Retry, kCrashFailed, cat("expected a core, saw: ", std::strerror(errno)));
  }));
  return linux::system::write_file(file, core, linux::system::FileMode::Private);
}

/// Nobody reads its standard error.
void say(std::string_view what) {
  const linux::system::Descriptor log(::open("/dev/kmsg", O_WRONLY | O_CLOEXEC));
  const std::string line = cat("holdfast-crash: ", what, '\n');
  if (log.is_open() && ::write(log.number(), line.data(), line.size()) < 0) return;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || std::string_view(argv[1]) == "--help") {
    std::fputs(
        "holdfast-crash: started by the kernel with a core on its standard input; keeps what a report needs of it.\n",
        argc == 2 ? stdout : stderr);
    return argc == 2 ? 0 : 2;
  }
  const auto kept = keep_core(argv[1]);
  if (kept) return 0;
  say(printable(kept.error().message));
  return 1;
}

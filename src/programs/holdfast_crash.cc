// holdfast-crash: what the kernel starts with the core of a process that crashed on its standard input (core(5)). Keeps
// the last one of each program, as far as linux/crash keeps cores, and has no more rights for it than to one folder.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "linux/confine/confine.h"
#include "linux/crash/core_dump.h"
#include "linux/system/files.h"

namespace {

using namespace holdfast;
using linux::confine::Reach;

const std::filesystem::path kFolder = "/state/crashes/cores";
constexpr unsigned kCrashUser = 103;  ///< os/root.py
constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kProgramsMax = 16;
constexpr rlim_t kMemoryBytes = 32 * 1024 * 1024;
constexpr int kCapabilitiesMax = 64;
/// To read a core, and to replace a file.
constexpr int kCalls[] = {
    SYS_brk,        SYS_clock_gettime, SYS_close,     SYS_exit,           SYS_exit_group,   SYS_fchmod,
    SYS_fcntl,      SYS_fdatasync,     SYS_fstat,     SYS_fsync,          SYS_ftruncate,    SYS_futex,
    SYS_getdents64, SYS_getegid,       SYS_geteuid,   SYS_getpid,         SYS_getrandom,    SYS_getuid,
    SYS_lseek,      SYS_lstat,         SYS_madvise,   SYS_mmap,           SYS_mremap,       SYS_munmap,
    SYS_newfstatat, SYS_open,          SYS_openat,    SYS_pread64,        SYS_pwrite64,     SYS_read,
    SYS_rename,     SYS_renameat,      SYS_renameat2, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_stat,
    SYS_statx,      SYS_umask,         SYS_unlink,    SYS_unlinkat,       SYS_write,
};

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

/// Nobody fills the disk with programs of many names: the oldest go.
void make_room(const std::filesystem::path& file) {
  std::error_code problem;
  std::vector<std::pair<std::filesystem::file_time_type, std::filesystem::path>> others;
  for (const auto& one : std::filesystem::directory_iterator(kFolder, problem)) {
    if (one.path() != file) others.emplace_back(one.last_write_time(problem), one.path());
  }
  std::ranges::sort(others);
  for (std::size_t i = 0; i + kProgramsMax <= others.size(); ++i) std::filesystem::remove(others[i].second, problem);
}

bool drop_bounding_set() {
  for (int one = 0; one < kCapabilitiesMax; ++one) {
    if (::prctl(PR_CAPBSET_READ, one) == 1 && ::prctl(PR_CAPBSET_DROP, one) != 0) return false;
  }
  return true;
}

Result<void> confine() {
  const rlimit memory{.rlim_cur = kMemoryBytes, .rlim_max = kMemoryBytes};
  const Reach within[] = {{kFolder.string(), Reach::May::Write}};
  const bool is_confined = ::setrlimit(RLIMIT_AS, &memory) == 0 && drop_bounding_set() &&
                           ::setresgid(kCrashUser, kCrashUser, kCrashUser) == 0 &&
                           ::setresuid(kCrashUser, kCrashUser, kCrashUser) == 0 &&
                           linux::confine::confine_files(within) && linux::confine::confine_calls(kCalls);
  if (is_confined) return {};
  return fail(Next::Denied, kCrashFailed, cat("expected to give up rights, saw: ", std::strerror(errno)));
}

Result<void> keep_core(std::string_view program) {
  TRY(confine());
  const std::filesystem::path file = kFolder / cat(name_of(program), ".core");
  make_room(file);
  const Blob core = TRY(linux::crash::reduce_core([](std::span<std::uint8_t> into) -> Result<std::size_t> {
    ssize_t got = -1;
    do got = ::read(STDIN_FILENO, into.data(), into.size());
    while (got < 0 && errno == EINTR);
    if (got >= 0) return static_cast<std::size_t>(got);
    return fail(Next::Retry, kCrashFailed, cat("expected a core, saw: ", std::strerror(errno)));
  }));
  return linux::system::write_file(file, core, linux::system::FileMode::Private);
}

/// The kernel opens nothing but the core: what is said goes to its log.
void open_log() {
  const int log = ::open("/dev/kmsg", O_WRONLY);
  for (const int standard : {STDOUT_FILENO, STDERR_FILENO}) {
    if (log >= 0 && log != standard) ::dup2(log, standard);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || std::string_view(argv[1]) == "--help") {
    std::fputs(
        "holdfast-crash: started by the kernel with a core on its standard input; keeps what a report needs of it.\n",
        argc == 2 ? stdout : stderr);
    return argc == 2 ? 0 : 2;
  }
  open_log();
  const auto kept = keep_core(argv[1]);
  if (kept) return 0;
  std::fprintf(stderr, "holdfast-crash: %s\n", printable(kept.error().message).c_str());
  return 1;
}

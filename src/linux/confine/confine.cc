#include "linux/confine/confine.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "linux/system/descriptor.h"

namespace holdfast::linux::confine {
namespace {

using system::Descriptor;

constexpr std::uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
/// Of a file that is no folder.
constexpr std::uint64_t kOfFile =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE;
/// Whatever the second version of Landlock knows.
constexpr std::uint64_t kAll = (LANDLOCK_ACCESS_FS_REFER << 1) - 1;
constexpr std::uint64_t kWrite = kAll & ~static_cast<std::uint64_t>(LANDLOCK_ACCESS_FS_EXECUTE);

constexpr std::uint64_t rights_of(Reach::May may) {
  switch (may) {
    case Reach::May::Read: return kRead;
    case Reach::May::ReadAndExecute: return kRead | LANDLOCK_ACCESS_FS_EXECUTE;
    case Reach::May::Write: return kWrite;
  }
  return 0;
}

bool add_rule(int rules, const Reach& one) {
  const Descriptor there(::open(one.path.c_str(), O_PATH | O_CLOEXEC));
  if (!there.is_open()) return errno == ENOENT;
  struct ::stat about{};
  if (::fstat(there.number(), &about) != 0) return false;
  const std::uint64_t rights = rights_of(one.may);
  const landlock_path_beneath_attr rule{.allowed_access = S_ISDIR(about.st_mode) ? rights : rights & kOfFile,
                                        .parent_fd = there.number()};
  return ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

constexpr int kOfNoUse[] = {
    SYS_acct,
    SYS_add_key,
    SYS_bpf,
    SYS_chroot,
    SYS_clock_adjtime,
    SYS_clock_settime,
    SYS_delete_module,
    SYS_fanotify_init,
    SYS_finit_module,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fsopen,
    SYS_init_module,
    SYS_io_uring_enter,
    SYS_io_uring_setup,
    SYS_ioperm,
    SYS_iopl,
    SYS_kcmp,
    SYS_kexec_file_load,
    SYS_kexec_load,
    SYS_keyctl,
    SYS_mount,
    SYS_move_mount,
    SYS_name_to_handle_at,
    SYS_open_by_handle_at,
    SYS_open_tree,
    SYS_perf_event_open,
    SYS_personality,
    SYS_pidfd_getfd,
    SYS_pivot_root,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_ptrace,
    SYS_quotactl,
    SYS_reboot,
    SYS_request_key,
    SYS_setdomainname,
    SYS_sethostname,
    SYS_setns,
    SYS_settimeofday,
    SYS_swapoff,
    SYS_swapon,
    SYS_umount2,
    SYS_unshare,
    SYS_userfaultfd,
    SYS_vhangup,
};

constexpr std::uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;

sock_filter statement(std::uint16_t code, std::uint32_t value) { return {code, 0, 0, value}; }
/// Where it is so the next statement counts, else the one behind it.
sock_filter unless_skip(std::uint32_t value) { return {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, value}; }

/// Calls of this machine's own kind alone (no 32-bit ones, no x32), then each number, then the rest.
std::vector<sock_filter> filter_of(std::span<const int> calls, std::uint32_t listed, std::uint32_t others) {
  constexpr std::uint32_t kX32 = 0x40000000;
  std::vector<sock_filter> out;
  out.push_back(statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
  out.push_back({BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64});
  out.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  out.push_back(statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  out.push_back({BPF_JMP | BPF_JGE | BPF_K, 0, 1, kX32});
  out.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  for (const int one : calls) {
    out.push_back(unless_skip(static_cast<std::uint32_t>(one)));
    out.push_back(statement(BPF_RET | BPF_K, listed));
  }
  out.push_back(statement(BPF_RET | BPF_K, others));
  return out;
}

}  // namespace

bool confine_files(std::span<const Reach> within) {
  const landlock_ruleset_attr handled{.handled_access_fs = kAll};
  const Descriptor rules(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled.handled_access_fs, 0)));
  if (!rules.is_open()) return false;
  for (const Reach& one : within) {
    if (!add_rule(rules.number(), one)) return false;
  }
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::syscall(SYS_landlock_restrict_self, rules.number(), 0) == 0;
}

bool confine_calls(std::span<const int> to) {
  auto filter =
      to.empty() ? filter_of(kOfNoUse, kRefuse, SECCOMP_RET_ALLOW) : filter_of(to, SECCOMP_RET_ALLOW, kRefuse);
  const sock_fprog program{.len = static_cast<unsigned short>(filter.size()), .filter = filter.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

}  // namespace holdfast::linux::confine

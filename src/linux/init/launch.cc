#include "linux/init/launch.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>

#include "base/text.h"
#include "linux/system/descriptor.h"

namespace holdfast::linux::init {
namespace {

constexpr int kDoor = 3;
constexpr int kCapabilitiesMax = 64;
constexpr rlim_t kDescriptorsMax = 256;

bool write_capabilities(const std::vector<int>& wanted) {
  __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct sets[2] = {};
  for (const int one : wanted) {
    auto& set = sets[one / 32];
    const std::uint32_t bit = 1u << (one % 32);
    set.effective |= bit;
    set.permitted |= bit;
    set.inheritable |= bit;
  }
  return ::syscall(SYS_capset, &header, sets) == 0;
}

/// Root loses what makes it root, a user keeps what it is given through exec.
bool take_capabilities(const Launch& what) {
  for (int one = 0; one < kCapabilitiesMax; ++one) {
    if (std::ranges::find(what.capabilities, one) != what.capabilities.end()) continue;
    if (::prctl(PR_CAPBSET_READ, one) == 1 && ::prctl(PR_CAPBSET_DROP, one) != 0) return false;
  }
  if (::prctl(PR_SET_KEEPCAPS, 1) != 0) return false;
  if (::setgroups(what.groups.size(), what.groups.data()) != 0) return false;
  if (::setresgid(what.group, what.group, what.group) != 0) return false;
  if (::setresuid(what.user, what.user, what.user) != 0) return false;
  if (!write_capabilities(what.capabilities)) return false;
  for (const int one : what.capabilities) {
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, one, 0, 0) != 0) return false;
  }
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& one : words) out.push_back(one.data());
  out.push_back(nullptr);
  return out;
}

/// Whoever reads `0` there is taken in.
bool join_group(const std::string& group) {
  if (group.empty()) return true;
  const system::Descriptor members(::open((group + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
  return members.is_open() && ::write(members.number(), "0", 1) == 1;
}

bool limit_files() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  const rlimit few{.rlim_cur = kDescriptorsMax, .rlim_max = kDescriptorsMax};
  return ::setrlimit(RLIMIT_CORE, &none) == 0 && ::setrlimit(RLIMIT_NOFILE, &few) == 0;
}

[[noreturn]] void become(const Launch& what) {
  std::vector<std::string> words = what.arguments;
  words.insert(words.begin(), what.program);
  std::vector<std::string> environment = what.environment;
  // What tells that the network changed waits until somebody takes it, and ends nobody who does not yet.
  sigset_t waiting;
  ::sigemptyset(&waiting);
  ::sigaddset(&waiting, SIGUSR1);
  ::sigprocmask(SIG_SETMASK, &waiting, nullptr);
  ::setsid();
  ::umask(0077);
  if (what.door >= 0 && what.door != kDoor) ::dup2(what.door, kDoor);
  if (what.door == kDoor) ::fcntl(kDoor, F_SETFD, 0);
  ::close_range(what.door < 0 ? kDoor : kDoor + 1, ~0U, 0);
  if (join_group(what.control_group) && limit_files() && take_capabilities(what) &&
      confine::confine_files(what.within) && confine::confine_calls(what.calls)) {
    ::execve(what.program.c_str(), pointers_to(words).data(), pointers_to(environment).data());
  }
  ::dprintf(STDERR_FILENO, "init: %s does not start: %s\n", what.program.c_str(), std::strerror(errno));
  ::_exit(kExitNotStarted);
}

}  // namespace

Result<int> launch(const Launch& what) {
  const pid_t child = ::fork();
  if (child == 0) become(what);
  if (child > 0) return child;
  return fail(Next::Retry, kLaunchFailed, cat("expected to start ", what.program, ", saw: ", std::strerror(errno)));
}

}  // namespace holdfast::linux::init

#include "linux/apps/applications.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <thread>

#include "base/text.h"
#include "linux/system/files.h"
#include "linux/system/program.h"
#include "trust/crypto/hash.h"

namespace holdfast::linux::apps {
namespace {

namespace fs = std::filesystem;

/// Users that no package claims (systemd's dynamic ones, which this device does not use).
constexpr uid_t kFirstUser = 61'184;
constexpr uid_t kUsers = 4'336;
constexpr int kNotStarted = 126;
constexpr mode_t kSharedSettings = 0440;  // with the application's user, by its group
constexpr mode_t kOwnSettings = 0400;
constexpr std::chrono::milliseconds kLookAgain{20};

uid_t user_of(std::string_view component) {
  const Digest256 digest = trust::crypto::sha256(as_bytes(component));
  return kFirstUser + (static_cast<uid_t>(digest[0]) << 8 | digest[1]) % kUsers;
}

/// Between fork and exec: system calls alone.
[[noreturn]] void become(pid_t agent, uid_t user, const char* tree, const char* program, char* const* arguments,
                         char* const* environment) {
  for (int one = 1; one < NSIG; ++one) signal(one, SIG_DFL);  // what the agent does on them is nothing for its child
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  setpgid(0, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const bool is_root = geteuid() == 0;
  const bool has_left = !is_root || (setgroups(0, nullptr) == 0 && setgid(user) == 0 && setuid(user) == 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of user would clear it
  if (getppid() != agent) _exit(kNotStarted);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (!has_left || null < 0 || dup2(null, STDIN_FILENO) < 0 || chdir(tree) != 0) _exit(kNotStarted);
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  execve(program, arguments, environment);
  _exit(kNotStarted);
}

/// As execve() takes them.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

/// `settings`: empty where it has none.
Result<pid_t> spawn(const std::string& component, const Application& application, const fs::path& tree,
                    const fs::path& settings) {
  const std::string program = tree.string() + application.entry_point;
  std::vector<std::string> words = {program};
  words.insert(words.end(), application.arguments.begin(), application.arguments.end());
  std::vector<std::string> facts = {"PATH=/usr/bin:/bin"};
  if (!settings.empty()) facts.push_back(cat("HOLDFAST_SETTINGS=", settings.string()));
  const std::vector<char*> arguments = pointers_to(words);
  const std::vector<char*> environment = pointers_to(facts);
  const std::string folder = tree.string();
  const uid_t user = user_of(component);
  const pid_t agent = getpid();
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t process = fork();
  if (process == 0) become(agent, user, folder.c_str(), program.c_str(), arguments.data(), environment.data());
  sigprocmask(SIG_SETMASK, &before, nullptr);
  if (process > 0) setpgid(process, process);  // whichever of the two is first
  if (process > 0) return process;
  return fail(Next::Retry, system::kProgramFailed, cat("expected a new process, saw: ", std::strerror(errno)));
}

std::string how_it_ended(int status) {
  return WIFEXITED(status) ? cat("status ", WEXITSTATUS(status)) : cat("signal ", WTERMSIG(status));
}

}  // namespace

Applications::~Applications() {
  for (auto& [component, one] : all_) end(one);
  std::error_code ignored;
  for (auto& [component, one] : all_) {
    if (!one.tree.empty()) fs::remove_all(one.tree, ignored);
  }
}

void Applications::end(One& one) {
  if (one.process == 0) return;
  kill(-one.process, SIGTERM);
  for (Duration waited{}; waited < kEndingMax; waited += kLookAgain) {
    if (waitpid(one.process, nullptr, WNOHANG) == one.process) {
      kill(-one.process, SIGKILL);
      one.process = 0;
      return;
    }
    std::this_thread::sleep_for(kLookAgain);
  }
  kill(-one.process, SIGKILL);
  waitpid(one.process, nullptr, 0);
  one.process = 0;
}

void Applications::start(std::string_view component, const fs::path& image) {
  One& one = all_[std::string(component)];
  end(one);
  std::error_code ignored;
  if (!one.tree.empty()) fs::remove_all(one.tree, ignored);
  one = One{.image = image, .tree = {}, .application = {}, .began = {}};
}

/// A file that its user can read and nobody can write, put there as a whole; none: there is none afterwards.
Result<fs::path> Applications::place_settings(std::string_view component) const {
  std::optional<Blob> settings;
  if (settings_) settings = TRY(settings_(component));
  fs::path file = fs::absolute(folder_ / cat(component, ".settings.json"));
  if (!settings) {
    std::error_code ignored;
    fs::remove(file, ignored);
    return fs::path();
  }
  const fs::path fresh = file.string() + ".new";
  TRY(system::write_file(fresh, *settings, system::FileMode::Private));
  const bool is_root = geteuid() == 0;
  const bool is_its = !is_root || chown(fresh.c_str(), 0, user_of(component)) == 0;
  const bool is_closed = is_its && chmod(fresh.c_str(), is_root ? kSharedSettings : kOwnSettings) == 0;
  if (is_closed && std::rename(fresh.c_str(), file.c_str()) == 0) return file;
  return fail(Next::Retry, system::kFileFailed,
              cat("expected to hand settings to ", component, ", saw: ", std::strerror(errno)));
}

void Applications::plan(One& one, Instant now) {
  if (now - one.began >= kSteady) one.wait = kAgainFirst;
  one.due = now + one.wait;
  one.wait = std::min(one.wait * 2, kAgainMax);
}

void Applications::run(const std::string& component, One& one, Instant now, std::vector<Ended>& out) {
  one.due.reset();
  one.began = now;
  std::error_code error;
  fs::create_directories(folder_, error);
  if (one.tree.empty()) one.tree = folder_ / cat(component, "-", ++trees_);
  if (!one.application) {
    auto unpacked = unpack(one.image, one.tree);
    if (unpacked && unpacked->component == component) {
      one.application = *std::move(unpacked);
    } else {
      out.push_back({component, "", true, unpacked ? "it is another component" : unpacked.error().message});
      return plan(one, now);
    }
  }
  const auto settings = place_settings(component);
  const auto process = settings ? spawn(component, *one.application, one.tree, *settings)
                                : Result<pid_t>(std::unexpected(settings.error()));
  if (process) {
    one.process = *process;
    return;
  }
  out.push_back({component, one.application->version, true, process.error().message});
  plan(one, now);
}

std::vector<Ended> Applications::look(Instant now) {
  std::vector<Ended> out;
  for (auto& [component, one] : all_) {
    int status = 0;
    if (one.process != 0 && waitpid(one.process, &status, WNOHANG) == one.process) {
      kill(-one.process, SIGKILL);  // what it left behind
      one.process = 0;
      const bool is_crash = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
      out.push_back({component, one.application ? one.application->version : "", is_crash, how_it_ended(status)});
      plan(one, now);
    }
    if (one.due && *one.due <= now) run(component, one, now, out);
  }
  return out;
}

std::optional<Instant> Applications::next() const {
  std::optional<Instant> out;
  for (const auto& [component, one] : all_) {
    if (one.due && (!out || *one.due < *out)) out = one.due;
  }
  return out;
}

}  // namespace holdfast::linux::apps

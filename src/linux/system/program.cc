#include "linux/system/program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include "base/text.h"

namespace holdfast::linux::system {

namespace {

constexpr std::chrono::milliseconds kPoll{20};
constexpr std::streamoff kLogTailBytesMax = 600;

std::string tail_of(const std::filesystem::path& log) {
  std::ifstream in(log, std::ios::binary | std::ios::ate);
  const std::streamoff size = in.tellg();
  if (!in || size <= 0) return "nothing";
  const std::streamoff from = std::max<std::streamoff>(0, size - kLogTailBytesMax);
  std::string tail(static_cast<std::size_t>(size - from), '\0');
  in.seekg(from);
  in.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  return printable(trim(tail), kLogTailBytesMax);
}

Result<pid_t> spawn(const std::vector<std::string>& arguments, const std::filesystem::path& log) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t pid = 0;
  const int status = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (status == 0) return pid;
  return fail(status == ENOENT ? Next::NotFound : Next::Retry, kProgramMissing,
              cat("expected to start ", arguments[0], ", saw: ", std::strerror(status)));
}

/// The exit status as waitpid() gives it; the program is killed when its time is over.
Result<int> wait_for(pid_t pid, std::string_view name, std::chrono::seconds time_max) {
  const auto end = std::chrono::steady_clock::now() + time_max;
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == pid) return status;
    if (ended < 0 && errno != EINTR) {
      return fail(Next::Retry, kProgramFailed, cat("expected the end of ", name, ", saw: ", std::strerror(errno)));
    }
    if (std::chrono::steady_clock::now() > end) {
      kill(pid, SIGKILL);
      waitpid(pid, &status, 0);
      return fail(Next::Retry, kProgramFailed,
                  cat("expected ", name, " to end within ", time_max.count(), " s, saw it run on"));
    }
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace

Result<void> run_program(const std::vector<std::string>& arguments, const std::filesystem::path& log,
                         std::chrono::seconds time_max) {
  const pid_t pid = TRY(spawn(arguments, log));
  const int status = TRY(wait_for(pid, arguments[0], time_max));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string how = WIFEXITED(status) ? cat("exit ", WEXITSTATUS(status)) : cat("signal ", WTERMSIG(status));
  return fail(WIFEXITED(status) ? Next::Rejected : Next::Retry, kProgramFailed,
              cat("expected ", arguments[0], " to succeed, saw ", how, " and: ", tail_of(log)));
}

bool has_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (const std::string_view directory : split(path == nullptr ? "/usr/bin:/bin" : path, ':')) {
    if (access((std::filesystem::path(directory) / name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace holdfast::linux::system

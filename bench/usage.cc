#include "bench/usage.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/text.h"

namespace holdfast::bench {
namespace {

constexpr std::chrono::microseconds kBetweenLooks(200);
constexpr std::chrono::milliseconds kBetweenLaterLooks(20);  ///< looking at a long run all the time would slow it
constexpr int kOftenLooks = 5'000;
constexpr std::size_t kOutputBytesMax = 64 * 1024;
constexpr int kCannotStart = 127;

std::unexpected<Error> failed(const std::vector<std::string>& words, int status) {
  return fail(Next::Retry, kProgramFailed,
              cat("expected ", words.front(), " to exit with 0, saw ", WIFEXITED(status) ? WEXITSTATUS(status) : -1));
}

/// `out`: where its standard output goes; -1: nowhere.
pid_t start(const std::vector<std::string>& words, int out) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int nowhere = ::open("/dev/null", O_WRONLY);
  if (nowhere < 0) ::_exit(kCannotStart);
  ::dup2(out < 0 ? nowhere : out, STDOUT_FILENO);
  if (out < 0) ::dup2(nowhere, STDERR_FILENO);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments.front(), arguments.data());
  ::_exit(kCannotStart);
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// A line of a process's status, in KiB; 0 once it has ended.
double status_kib(const std::string& status, std::string_view line) {
  const std::size_t at = status.find(line);
  if (at == std::string::npos) return 0;
  const std::size_t digits = status.find_first_of("0123456789", at);
  double value = 0;
  if (digits != std::string::npos) std::from_chars(&status[digits], status.data() + status.size(), value);
  return value;
}

/// What the program itself has, and not what this process had when it was forked.
void look(pid_t child, Usage& usage) {
  std::ifstream file(cat("/proc/", child, "/status"));
  const std::string status{std::istreambuf_iterator<char>(file), {}};
  usage.resident_kib = std::max(usage.resident_kib, status_kib(status, "VmHWM:"));
  usage.anonymous_kib = std::max(usage.anonymous_kib, status_kib(status, "RssAnon:"));
}

bool has_begun(pid_t child) {
  std::error_code unreadable;
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  const auto runs = std::filesystem::read_symlink(cat("/proc/", child, "/exe"), unreadable);
  return unreadable || runs != self;
}

}  // namespace

Result<Usage> usage_of(const std::vector<std::string>& words) {
  const pid_t child = start(words, -1);
  Usage usage;
  int status = 0;
  rusage used{};
  for (int looks = 0; ::wait4(child, &status, WNOHANG, &used) == 0; ++looks) {
    if (has_begun(child)) look(child, usage);
    std::this_thread::sleep_for(looks < kOftenLooks ? kBetweenLooks : std::chrono::microseconds(kBetweenLaterLooks));
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return failed(words, status);
  usage.cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime);
  return usage;
}

Result<std::string> output_of(const std::vector<std::string>& words) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Next::Retry, kProgramFailed, "expected a pipe, saw none");
  const pid_t child = start(words, ends[1]);
  ::close(ends[1]);
  std::string out(kOutputBytesMax, '\0');
  std::size_t size = 0;
  for (ssize_t got = 1; got > 0 && size < out.size();) {
    got = ::read(ends[0], &out[size], out.size() - size);
    if (got > 0) size += static_cast<std::size_t>(got);
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return failed(words, status);
  out.resize(size);
  return out;
}

std::string program(std::string_view name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

}  // namespace holdfast::bench

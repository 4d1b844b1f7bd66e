#include "attack/service_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/text.h"

namespace holdfast::tests {
namespace {

std::uint16_t port_after(const std::string& text, std::string_view label) {
  const std::size_t at = text.find(label);
  if (at == std::string::npos) return 0;
  return static_cast<std::uint16_t>(std::strtoul(text.c_str() + at + label.size(), nullptr, 10));
}

/// In the child: never returns.
[[noreturn]] void become(const char* program, const std::vector<std::string>& arguments, int output, int error,
                         std::optional<uid_t> user) {
  std::vector<char*> words = {const_cast<char*>(program)};
  for (const std::string& one : arguments) words.push_back(const_cast<char*>(one.c_str()));
  words.push_back(nullptr);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(error, STDERR_FILENO);
  // Where a process may dump core, that this one does not is its own doing.
  const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_CORE, &all);
  if (user && ::setresuid(*user, *user, *user) != 0) ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves nothing behind
  ::execv(program, words.data());
  ::_exit(127);
}

int append_to(const std::filesystem::path& path) {
  const int opened = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  REQUIRE(opened >= 0);
  return opened;
}

}  // namespace

pid_t start_program(const std::string& program, const std::vector<std::string>& arguments, std::optional<uid_t> user) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    become(program.c_str(), arguments, nowhere, nowhere, user);
  }
  REQUIRE(child > 0);
  return child;
}

void end_program(pid_t pid) {
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string ServiceProcess::address(std::uint16_t port) const { return cat("127.0.0.1:", port); }

void ServiceProcess::start(const Launch& launch) {
  REQUIRE(pid_ == -1);
  const std::filesystem::path log = folder_ / cat("said-", ++starts_);
  const int error = append_to(log);
  const int output = launch.standard_output >= 0 ? launch.standard_output : error;
  std::vector<std::string> arguments = {"--data",
                                        data().string(),
                                        "--device-address",
                                        address(device_port_),
                                        "--management-address",
                                        address(management_port_)};
  arguments.insert(arguments.end(), options_.begin(), options_.end());
  pid_ = ::fork();
  if (pid_ == 0) become(HOLDFAST_SERVICE, arguments, output, error, launch.user);
  ::close(error);
  REQUIRE(pid_ > 0);
  constexpr int kTriesMax = 3'000;
  for (int i = 0; i < kTriesMax; ++i) {
    const std::string said = text_of_file(log);
    if (said.find("holdfastd: ready\n") != std::string::npos) {
      device_port_ = port_after(said, "devices at https://127.0.0.1:");
      management_port_ = port_after(said, "management at https://127.0.0.1:");
      REQUIRE(device_port_ != 0);
      REQUIRE(management_port_ != 0);
      return;
    }
    REQUIRE_MESSAGE(is_running(), said);
    ::usleep(10'000);
  }
  FAIL("holdfastd was not ready within 30 s: ", text_of_file(log));
}

bool ServiceProcess::is_running() const {
  siginfo_t facts{};
  return pid_ > 0 && ::waitid(P_PID, static_cast<id_t>(pid_), &facts, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         facts.si_pid == 0;
}

int ServiceProcess::kill() { return end_with(SIGKILL); }

int ServiceProcess::end_with(int signal) {
  if (pid_ <= 0) return 0;
  ::kill(pid_, signal);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return status;
}

std::string ServiceProcess::said() const {
  std::string out;
  for (int i = 1; i <= starts_; ++i) out += text_of_file(folder_ / cat("said-", i));
  return out;
}

std::string ServiceProcess::owner_secret() const {
  const std::string link = text_of_file(data() / "owner-link");
  const std::size_t at = link.find("&secret=");
  REQUIRE(at != std::string::npos);
  return link.substr(at + 8, link.find('\n') - at - 8);
}

namespace {

Ran run_program(const char* program, const std::vector<std::string>& arguments, const std::filesystem::path& config) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv("HOLDFAST_CONFIG", config.c_str(), 1);
    become(program, arguments, ends[1], ends[1], {});
  }
  ::close(ends[1]);
  Ran out;
  char buffer[4096];
  for (ssize_t size = 0; (size = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    out.printed.append(buffer, static_cast<std::size_t>(size));
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  out.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return out;
}

}  // namespace

Ran run_holdfast(const std::filesystem::path& config, const std::vector<std::string>& arguments) {
  return run_program(HOLDFAST_TOOL, arguments, config);
}

Ran run_service(const std::vector<std::string>& arguments) { return run_program(HOLDFAST_SERVICE, arguments, {}); }

}  // namespace holdfast::tests

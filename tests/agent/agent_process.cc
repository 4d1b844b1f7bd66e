#include "agent/agent_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace holdfast::tests {

AgentProcess::AgentProcess(const std::vector<std::string>& arguments) {
  int input[2];
  int output[2];
  REQUIRE(::pipe2(input, O_CLOEXEC) == 0);
  REQUIRE(::pipe2(output, O_CLOEXEC) == 0);
  std::vector<char*> words = {const_cast<char*>(HOLDFAST_AGENT)};
  for (const std::string& one : arguments) words.push_back(const_cast<char*>(one.c_str()));
  words.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(input[0], STDIN_FILENO);
    ::dup2(output[1], STDOUT_FILENO);
    ::execv(HOLDFAST_AGENT, words.data());
    ::_exit(127);
  }
  REQUIRE(pid_ > 0);
  ::close(input[0]);
  ::close(output[1]);
  input_ = input[1];
  output_ = output[0];
}

AgentProcess::~AgentProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(input_);
  ::close(output_);
}

void AgentProcess::signal(int number) const { REQUIRE(::kill(pid_, number) == 0); }

void AgentProcess::write_line(const std::string& line) const {
  const std::string text = line + "\n";
  REQUIRE(::write(input_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

std::string AgentProcess::read_line() {
  std::string line;
  char c = 0;
  while (::read(output_, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

std::string AgentProcess::read_rest() {
  std::string text;
  char buffer[4096];
  for (ssize_t size = 0; (size = ::read(output_, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(size));
  }
  return text;
}

int AgentProcess::wait(Duration time) {
  constexpr Duration kPause(20);
  for (Duration spent{}; spent < time; spent += kPause) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    ::usleep(static_cast<useconds_t>(kPause.count() * 1000));
  }
  return -1;
}

Memory memory_of(pid_t pid) {
  std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup");
  Memory out;
  std::string name;
  for (std::string line; std::getline(rollup, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const long kib = std::strtol(line.c_str() + colon + 1, nullptr, 10);
    name = line.substr(0, colon);
    if (name == "Rss") out.resident = kib;
    if (name == "Private_Clean" || name == "Private_Dirty") out.unshared += kib;
  }
  return out;
}

}  // namespace holdfast::tests

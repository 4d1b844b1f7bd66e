// The program holdfast-agent as a child, with its standard streams in hand.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/time.h"

namespace holdfast::tests {

class AgentProcess {
 public:
  explicit AgentProcess(const std::vector<std::string>& arguments);
  AgentProcess(const AgentProcess&) = delete;
  AgentProcess& operator=(const AgentProcess&) = delete;
  ~AgentProcess();

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  void write_line(const std::string& line) const;
  /// The next line of its standard output; empty at its end.
  std::string read_line();
  std::string read_rest();
  /// The exit code, or -1 where it does not end within `time`.
  int wait(Duration time);

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
};

/// Of /proc/PID/smaps_rollup, in KiB.
struct Memory {
  long resident = 0;
  long unshared = 0;
};
Memory memory_of(pid_t pid);

}  // namespace holdfast::tests

// holdfastd as a process of its own on loopback, in a folder that stays when it is killed; what it says is kept.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace holdfast::tests {

class ServiceProcess {
 public:
  /// `folder` is there and empty; the service's own is made in it. Nothing runs yet.
  explicit ServiceProcess(std::filesystem::path folder, std::vector<std::string> options = {})
      : folder_(std::move(folder)), options_(std::move(options)) {}
  ServiceProcess(const ServiceProcess&) = delete;
  ServiceProcess& operator=(const ServiceProcess&) = delete;
  ~ServiceProcess() { kill(); }

  struct Launch {
    int standard_output = -1;   ///< -1: into a file
    std::optional<uid_t> user;  ///< of the process, instead of ours
  };
  /// Starts it, the first time on any free ports and then on the same ones, and waits until it is ready.
  void start(const Launch& launch);
  void start() { start({-1, {}}); }
  /// Those of another service that is gone, before the first start.
  void use_ports(std::uint16_t device, std::uint16_t management) {
    device_port_ = device;
    management_port_ = management;
  }
  /// SIGKILL, and it is gone when this returns. How waitpid() says that it ended.
  int kill();
  /// The same with another signal.
  int end_with(int signal);

  pid_t pid() const { return pid_; }
  bool is_running() const;
  std::filesystem::path data() const { return folder_ / "service"; }
  std::uint16_t device_port() const { return device_port_; }
  std::uint16_t management_port() const { return management_port_; }
  /// Everything that was ever written to its standard output and error.
  std::string said() const;
  /// The secret in its owner link's file.
  std::string owner_secret() const;

 private:
  std::string address(std::uint16_t port) const;

  std::filesystem::path folder_;
  std::vector<std::string> options_;  ///< beside those that are always given
  pid_t pid_ = -1;
  int starts_ = 0;
  std::uint16_t device_port_ = 0;
  std::uint16_t management_port_ = 0;
};

/// A program of ours or of the system's that may dump core as far as we may allow that; as another user where one is
/// given. It says nothing, and ends with us at the latest.
pid_t start_program(const std::string& program, const std::vector<std::string>& arguments,
                    std::optional<uid_t> user = {});
void end_program(pid_t pid);

std::string text_of_file(const std::filesystem::path& path);
/// Runs `holdfast` with these arguments; what it printed, and its exit code.
struct Ran {
  int code = -1;
  std::string printed;
};
Ran run_holdfast(const std::filesystem::path& config, const std::vector<std::string>& arguments);
/// Runs `holdfastd` where it is to end by itself.
Ran run_service(const std::vector<std::string>& arguments);

}  // namespace holdfast::tests

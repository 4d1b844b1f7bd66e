// holdfastd and its peer nginx as processes on loopback, both over TLS 1.3 with a P-256 leaf, and a device that calls
// them. What is measured is the CPU time of the server that works, whoever else uses the machine.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "linux/net/client.h"
#include "linux/system/clock.h"

namespace holdfast::bench {

inline constexpr Reason kServerUnstarted{"server-unstarted"};

class Servers {
 public:
  /// Started once and shared by all rows.
  static Result<std::shared_ptr<Servers>> get();
  ~Servers();

  enum class Which { Holdfastd, Nginx };

  /// A call of `GET /healthz` with a client certificate; each caller from a loopback address of its own.
  linux::net::Call call(Which which);
  /// CPU time of both servers together, in nanoseconds: in each one's turn the other does nothing.
  std::int64_t cpu_ns() const;
  /// Resident memory of holdfastd, in bytes.
  std::int64_t resident_bytes() const;
  /// `holdfast` with these words, as holdfastd's operator.
  Result<void> operate(std::vector<std::string> words);
  /// Where all of it lies, holdfastd's data under `service`.
  const std::filesystem::path& folder() const { return folder_; }
  /// What `holdfast login` leaves.
  std::filesystem::path config() const { return folder_ / "operator.json"; }
  linux::system::SystemClock& clock() { return clock_; }

 private:
  Servers() = default;
  Result<void> start();
  Result<void> start_holdfastd();
  Result<void> start_nginx();

  struct Held;
  std::unique_ptr<Held> held_;
  linux::system::SystemClock clock_;
  std::filesystem::path folder_;
  pid_t holdfastd_ = -1;
  pid_t nginx_ = -1;
  int holdfastd_port_ = 0;
  int nginx_port_ = 0;
  unsigned callers_ = 0;
};

}  // namespace holdfast::bench

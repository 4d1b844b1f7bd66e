// What holdfastd says on standard error: one printable line per event, without bodies, headers and queries. What
// anybody can cause at will (refusals, a store that fails again and again) gets one line per reason and kLineEvery,
// with how often it happened, so that nobody can fill a disk with it.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ports/clock.h"
#include "service/request.h"

namespace holdfast::programs {

class Log {
 public:
  static constexpr Duration kLineEvery = seconds(10);

  /// `write` takes one line without its end; standard error where it is empty.
  explicit Log(ports::Clock& clock, std::function<void(const std::string& line)> write = {});

  // All of these from any thread.
  void say(std::string_view text);
  /// A request that failed by no fault of its caller's.
  void trouble(const service::Request& request, const Error& error);
  /// A connection or a request that was not let through to the service.
  void refused(const std::string& source, const Error& error);
  /// Lines that were held back and are due; to be called now and then.
  void catch_up();

 private:
  struct Counted {
    Instant last_line;
    std::size_t untold = 0;
    std::string newest;
  };
  void count(std::string_view what, std::string_view source, const Error& error);
  void tell(std::string_view reason, Counted& counted);

  ports::Clock& clock_;
  const std::function<void(const std::string&)> write_;
  std::mutex lock_;
  std::map<std::string_view, Counted> counted_;  ///< by reason, of which there are so many as the code has
};

}  // namespace holdfast::programs

// What holdfastd says on standard error: one line per event, as text for people or as JSON for what collects logs,
// without bodies, headers and queries. What anybody can cause at will (refusals, a store that fails again and again)
// gets one line per reason and kLineEvery, with how often it happened, so that nobody can fill a disk with it. Lines
// about a request name its trace, which its audit entries and the device's own log name too.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/json/value.h"
#include "ports/clock.h"
#include "service/gateway/gateway.h"

namespace holdfast::programs {

inline constexpr Reason kLogFormatUnknown{"log-format-unknown"};

enum class LogFormat { Text, Json };
Result<LogFormat> parse_log_format(std::string_view word);

class Log {
 public:
  static constexpr Duration kLineEvery = seconds(10);

  /// `write` takes one line without its end; standard error where it is empty.
  explicit Log(ports::Clock& clock, std::function<void(const std::string& line)> write = {});

  /// Before the first line.
  void set_format(LogFormat format) { format_ = format; }

  // All of these from any thread.
  void say(std::string_view text);
  /// A request that failed by no fault of its caller's.
  void trouble(const service::Request& request, const service::gateway::Served& served);
  /// A request, whatever became of it; for who asked for a line each.
  void request(const service::Request& request, const service::gateway::Served& served, Duration took);
  /// A connection or a request that was not let through to the service.
  void refused(const std::string& source, const Error& error);
  /// Lines that were held back and are due; to be called now and then.
  void catch_up();

 private:
  enum class Level { Info, Warning, Error };
  struct Line {
    Level level;
    std::string_view event;
    std::string text;          ///< the whole of it, for people
    json::Object fields = {};  ///< the same in parts
  };
  struct Counted {
    Instant last_line;
    std::int64_t untold = 0;
    Line newest;
  };
  void write(const Line& line);
  void count(std::string_view reason, Line line);
  void tell(std::string_view reason, Counted& counted);

  ports::Clock& clock_;
  const std::function<void(const std::string&)> write_;
  LogFormat format_ = LogFormat::Text;
  std::mutex lock_;
  std::map<std::string_view, Counted> counted_;  ///< by reason, of which there are so many as the code has
};

}  // namespace holdfast::programs

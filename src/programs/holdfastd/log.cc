#include "programs/holdfastd/log.h"

#include <array>
#include <cstdio>

#include "base/text.h"

namespace holdfast::programs {
namespace {

constexpr std::size_t kLineBytesMax = 1000;
constexpr std::array<std::string_view, 3> kLevels = {"info", "warning", "error"};

void write_to_stderr(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

/// What every line about a request says of it.
json::Object fields_of(const service::Request& request, const service::gateway::Served& served) {
  return {{"trace", served.trace},           {"method", printable(request.method, 10)},
          {"path", printable(request.path)}, {"route", served.route},
          {"status", served.status},         {"caller", printable(served.caller)},
          {"source", request.source}};
}

void add(json::Object& fields, const Error& error) {
  fields.emplace_back("reason", error.reason.word());
  fields.emplace_back("why", printable(error.message, kLineBytesMax));
}

std::string by_whom(const service::Request& request, const service::gateway::Served& served) {
  return cat(request.method, " ", printable(request.path), " [", served.trace, "]");
}

}  // namespace

Result<LogFormat> parse_log_format(std::string_view word) {
  if (word == "text") return LogFormat::Text;
  if (word == "json") return LogFormat::Json;
  return fail(Next::Rejected, kLogFormatUnknown, cat("expected text or json, saw '", printable(word, 40), "'"));
}

Log::Log(ports::Clock& clock, std::function<void(const std::string& line)> write)
    : clock_(clock), write_(write ? std::move(write) : write_to_stderr) {}

void Log::write(const Line& line) {
  if (format_ == LogFormat::Text) return write_(cat("holdfastd: ", printable(line.text, kLineBytesMax)));
  json::Object out{{"at", to_rfc3339(clock_.wall_time())},
                   {"level", kLevels[static_cast<std::size_t>(line.level)]},
                   {"event", line.event},
                   {"text", printable(line.text, kLineBytesMax)}};
  for (const auto& field : line.fields) out.push_back(field);
  write_(json::dump(out));
}

void Log::say(std::string_view text) { write({Level::Info, "said", std::string(text)}); }

void Log::trouble(const service::Request& request, const service::gateway::Served& served) {
  const Error& error = *served.error;
  Line line{Level::Error, "failed", cat("failed ", by_whom(request, served)), fields_of(request, served)};
  add(line.fields, error);
  if (error.next == Next::Corrupt) {
    line.text += cat(": ", error.reason.word(), ": ", error.message);
    return write(line);
  }
  line.text += cat(" from ", request.source, ": ", error.message);
  count(error.reason.word(), std::move(line));
}

void Log::request(const service::Request& request, const service::gateway::Served& served, Duration took) {
  Line line{Level::Info, "request",
            cat(by_whom(request, served), ": ", served.status, " in ", took.count(), " ms, from ", request.source,
                " as ", served.caller.empty() ? "nobody" : served.caller),
            fields_of(request, served)};
  line.fields.emplace_back("took_ms", static_cast<std::int64_t>(took.count()));
  if (served.error) {
    line.text += cat(", ", served.error->reason.word());
    line.fields.emplace_back("reason", served.error->reason.word());
  }
  write(line);
}

void Log::refused(const std::string& source, const Error& error) {
  Line line{Level::Warning, "refused", cat("refused from ", source, ": ", error.message), {{"source", source}}};
  add(line.fields, error);
  count(error.reason.word(), std::move(line));
}

void Log::count(std::string_view reason, Line line) {
  const std::lock_guard hold(lock_);
  const auto [at, is_first] = counted_.try_emplace(reason);
  Counted& counted = at->second;
  ++counted.untold;
  counted.newest = std::move(line);
  if (is_first || clock_.now() - counted.last_line >= kLineEvery) tell(reason, counted);
}

void Log::catch_up() {
  const std::lock_guard hold(lock_);
  for (auto& [reason, counted] : counted_) {
    if (counted.untold > 0 && clock_.now() - counted.last_line >= kLineEvery) tell(reason, counted);
  }
}

void Log::tell(std::string_view reason, Counted& counted) {
  counted.last_line = clock_.now();
  Line line = std::move(counted.newest);
  line.text = cat(reason, ", ", counted.untold, counted.untold == 1 ? " time; " : " times; the last: ", line.text);
  line.fields.emplace_back("times", counted.untold);
  write(line);
  counted.untold = 0;
}

}  // namespace holdfast::programs

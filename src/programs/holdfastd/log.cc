#include "programs/holdfastd/log.h"

#include <cstdio>

#include "base/text.h"

namespace holdfast::programs {
namespace {

constexpr std::size_t kLineBytesMax = 1000;

void write_to_stderr(const std::string& line) { std::fprintf(stderr, "holdfastd: %s\n", line.c_str()); }

}  // namespace

Log::Log(ports::Clock& clock, std::function<void(const std::string& line)> write)
    : clock_(clock), write_(write ? std::move(write) : write_to_stderr) {}

void Log::say(std::string_view text) { write_(printable(text, kLineBytesMax)); }

void Log::trouble(const service::Request& request, const Error& error) {
  const std::string what = cat("failed ", request.method, " ", printable(request.path));
  if (error.next == Next::Corrupt) return say(cat(what, ": ", error.reason.word(), ": ", error.message));
  count(what, request.source, error);
}

void Log::refused(const std::string& source, const Error& error) { count("refused", source, error); }

void Log::count(std::string_view what, std::string_view source, const Error& error) {
  const std::lock_guard hold(lock_);
  const auto [at, is_first] = counted_.try_emplace(error.reason.word());
  Counted& counted = at->second;
  ++counted.untold;
  counted.newest = cat(what, " from ", source, ": ", error.message);
  if (is_first || clock_.now() - counted.last_line >= kLineEvery) tell(error.reason.word(), counted);
}

void Log::catch_up() {
  const std::lock_guard hold(lock_);
  for (auto& [reason, counted] : counted_) {
    if (counted.untold > 0 && clock_.now() - counted.last_line >= kLineEvery) tell(reason, counted);
  }
}

void Log::tell(std::string_view reason, Counted& counted) {
  counted.last_line = clock_.now();
  say(cat(reason, ", ", counted.untold, counted.untold == 1 ? " time; " : " times; the last: ", counted.newest));
  counted.untold = 0;
}

}  // namespace holdfast::programs

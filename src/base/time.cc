#include "base/time.h"

#include <cstdio>

#include "base/text.h"

namespace holdfast {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr Unit kUnits[] = {{"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1'000}, {"ms", 1}};

std::unexpected<Error> malformed(std::string_view text, std::string_view expected) {
  return fail(Next::Rejected, kTimeMalformed, cat("expected ", expected, ", saw '", printable(text, 40), "'"));
}

}  // namespace

std::string to_rfc3339(WallTime time) {
  using namespace std::chrono;
  const sys_seconds at{seconds(time.whole_seconds())};
  const auto day = floor<std::chrono::days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:ddZ";
  constexpr std::string_view kExpected = "a time such as 2026-11-23T08:09:30Z";
  if (text.size() != kShape.size()) return malformed(text, kExpected);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool fits = kShape[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == kShape[i];
    if (!fits) return malformed(text, kExpected);
  }
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (std::size_t i = at; i < at + digits; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  if (!date.ok() || number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) return malformed(text, kExpected);
  const auto whole_days = std::chrono::sys_days(date).time_since_epoch().count();
  return WallTime::from_seconds(std::int64_t{whole_days} * 86'400 + std::int64_t{number(11, 2)} * 3'600 +
                                std::int64_t{number(14, 2)} * 60 + number(17, 2));
}

std::string to_text(Duration duration) {
  for (const Unit& unit : kUnits) {
    if (duration.count() != 0 && duration.count() % unit.ms == 0) return cat(duration.count() / unit.ms, unit.name);
  }
  return "0s";
}

Result<Duration> parse_duration(std::string_view text) {
  constexpr std::string_view kExpected = "a duration such as 90s, 15min, 24h or 7d";
  std::size_t digits = 0;
  std::int64_t value = 0;
  while (digits < text.size() && digits < 9 && text[digits] >= '0' && text[digits] <= '9') {
    value = value * 10 + (text[digits++] - '0');
  }
  if (digits == 0) return malformed(text, kExpected);
  for (const Unit& unit : kUnits) {
    if (text.substr(digits) == unit.name) return Duration(value * unit.ms);
  }
  return malformed(text, kExpected);
}

}  // namespace holdfast

#include "device/update/settings.h"

#include "base/text.h"

namespace holdfast::device::update {

Result<Window> parse_window(std::string_view text) {
  constexpr std::size_t kTimeOfDayBytes = 5;
  const auto number = [&](std::size_t at) {
    const char tens = text[at];
    const char ones = text[at + 1];
    const bool is_number = tens >= '0' && tens <= '9' && ones >= '0' && ones <= '9';
    return is_number ? (tens - '0') * 10 + (ones - '0') : 99;
  };
  const bool is_long_enough = text.size() > kTimeOfDayBytes && text[2] == ':' && text[kTimeOfDayBytes] == '+';
  if (is_long_enough && number(0) < 24 && number(3) < 60) {
    const auto length = parse_duration(text.substr(kTimeOfDayBytes + 1));
    if (length && *length > Duration::zero() && *length <= days(1)) {
      return Window{.from = hours(number(0)) + minutes(number(3)), .length = *length};
    }
  }
  return fail(Next::Rejected, kWindowMalformed,
              cat("expected a window such as 22:00+4h, of at most a day, saw '", printable(text, 40), "'"));
}

Duration pace(const Settings& settings, std::size_t bytes) {
  if (settings.bytes_per_second <= 0) return Duration::zero();
  return Duration(static_cast<std::int64_t>(bytes) * 1000 / settings.bytes_per_second);
}

Duration until_open(const Settings& settings, WallTime now) {
  constexpr Duration kDay = days(1);
  if (!settings.window || settings.window->length >= kDay) return Duration::zero();
  const Duration today = Duration(((now.ms % kDay.count()) + kDay.count()) % kDay.count());
  const Duration since_open = (today - settings.window->from % kDay + kDay) % kDay;
  return since_open < settings.window->length ? Duration::zero() : kDay - since_open;
}

}  // namespace holdfast::device::update

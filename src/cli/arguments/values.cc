#include "cli/arguments/values.h"

#include <charconv>

#include "base/text.h"

namespace holdfast::cli {

Result<std::int64_t> integer_of(const Arguments& arguments, std::string_view name, std::int64_t min, std::int64_t max) {
  const std::string& text = arguments.text(name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= min && value <= max) return value;
  return fail(Next::Rejected, kUsageWrong,
              cat(name, ": expected a whole number from ", min, " to ", max, ", saw '", printable(text, 40), "'"));
}

Result<Duration> duration_of(const Arguments& arguments, std::string_view name) {
  auto duration = parse_duration(arguments.text(name));
  if (!duration || *duration <= Duration(0)) {
    return fail(Next::Rejected, kUsageWrong,
                cat(name, ": expected a time such as 24h or 7d, saw '", printable(arguments.text(name), 40), "'"));
  }
  return duration;
}

}  // namespace holdfast::cli

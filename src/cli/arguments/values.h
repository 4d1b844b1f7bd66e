// Arguments that are more than text. What does not fit is wrong usage, told with the option's name.
#pragma once

#include "base/time.h"
#include "cli/arguments/command.h"

namespace holdfast::cli {

Result<std::int64_t> integer_of(const Arguments& arguments, std::string_view name, std::int64_t min, std::int64_t max);
/// `90s`, `15min`, `24h`, `7d`.
Result<Duration> duration_of(const Arguments& arguments, std::string_view name);

}  // namespace holdfast::cli

// What running a program costs, and what it says.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace holdfast::bench {

inline constexpr Reason kProgramFailed{"program-failed"};

struct Usage {
  double cpu_s = 0;          ///< user and system, its children's included
  double resident_kib = 0;   ///< peak
  double anonymous_kib = 0;  ///< highest that was seen, looking all the time
};

/// Runs it to its end, its output thrown away. kProgramFailed: it cannot be started, or does not exit with 0.
Result<Usage> usage_of(const std::vector<std::string>& words);

/// What it writes to its standard output.
Result<std::string> output_of(const std::vector<std::string>& words);

/// Another program of the same build.
std::string program(std::string_view name);

}  // namespace holdfast::bench

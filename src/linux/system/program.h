// Runs another program to its end: arguments as they are (no shell), its output in a log file, and a limit on its time,
// after which it is killed. A failure carries the last lines of the log.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace holdfast::linux::system {

inline constexpr Reason kProgramMissing{"program-missing"};
inline constexpr Reason kProgramFailed{"program-failed"};

/// Rejected where it ended by itself and says that it failed; Retry where it was ended, or did not start.
Result<void> run_program(const std::vector<std::string>& arguments, const std::filesystem::path& log,
                         std::chrono::seconds time_max);

/// Whether PATH has it.
bool has_program(const std::string& name);

}  // namespace holdfast::linux::system

// The commands `make`, `apply` and `show`: of `holdfast-delta`, and of `holdfast delta`.
#pragma once

#include "cli/arguments/command.h"

namespace holdfast::programs {

using RunCommand = std::function<Result<void>(const cli::Arguments&)>;

/// Their paths begin with `prefix` (empty, or `delta `), their examples with `program`. `make` is given OLD, NEW and
/// DELTA.
std::vector<cli::Command> delta_commands(const std::string& prefix, const std::string& program, RunCommand make);

}  // namespace holdfast::programs

// The agent's command line, read without CLI11: the library's code would be a tenth of the agent's memory. The same
// table of options, the same words and exit codes as every program of ours; one command, `--name value` or
// `--name=value`, no repeats.
#pragma once

#include <span>

#include "cli/arguments/command.h"

namespace holdfast::programs {

/// kUsageWrong says what is wrong with `words`, which are without the program's own name.
Result<cli::Arguments> read_arguments(const cli::Command& command, std::span<const char* const> words);

/// Like cli::run_program, for a program of one command.
int run_one_command(const cli::Program& program, std::span<const char* const> words);

}  // namespace holdfast::programs

// A program's table of commands as a script for bash, which then completes its words and options.
#pragma once

#include "cli/arguments/command.h"

namespace holdfast::cli {

std::string bash_completion(const Program& program);

}  // namespace holdfast::cli

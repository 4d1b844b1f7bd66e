// What the service kept for approval instead of doing it: told to whoever proposed it, with what to do next.
#pragma once

#include "cli/commands/call.h"

namespace holdfast::cli::commands {

/// The change that waits, in the service's answer to a command that loosens; nullptr where it is in force.
const json::Value* waiting_in(const json::Value& answer);

/// Tells of it; false, and nothing is told, where the answer has none.
bool show_waiting(const Call& call, const json::Value& answer);

/// `change 3 (policy default 4)`
std::string name_of_change(const json::Value& approval);

}  // namespace holdfast::cli::commands

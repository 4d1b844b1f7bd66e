// `holdfast backup` and `holdfast restore`: for whoever has the service's database and its service key, on a machine
// that reaches both. The service may go on meanwhile.
#pragma once

#include "cli/arguments/command.h"
#include "cli/world/world.h"

namespace holdfast::programs {

std::vector<cli::Command> backup_commands(cli::World& world);

}  // namespace holdfast::programs

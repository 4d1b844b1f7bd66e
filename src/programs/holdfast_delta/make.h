// Makes a delta from files, for whoever builds images.
#pragma once

#include "cli/arguments/command.h"

namespace holdfast::programs {

/// Of the arguments OLD, NEW and DELTA; says on stderr how far it is, and on stdout what came of it.
Result<void> make_delta_file(const cli::Arguments& arguments);

}  // namespace holdfast::programs

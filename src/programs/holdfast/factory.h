// `holdfast factory`: a line of virtual devices, made by the image tools (os/factory.py), which this starts.
#pragma once

#include "cli/arguments/command.h"

namespace holdfast::programs {

cli::Command factory_command();

}  // namespace holdfast::programs

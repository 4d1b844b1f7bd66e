// The commands of holdfast-image.
#pragma once

#include "cli/arguments/command.h"

namespace holdfast::programs::image {

cli::Command firmware_keys_command();
cli::Command variables_command();
cli::Command show_command();
cli::Command command_line_command();
cli::Command place_command();
cli::Command reference_values_command();

}  // namespace holdfast::programs::image

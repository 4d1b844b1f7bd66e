// holdfast-image: the parts of a device's image that firmware and kernel read, for whoever builds devices.
#include "programs/holdfast_image/commands.h"

int main(int argc, char** argv) {
  using namespace holdfast;
  const cli::Program program{
      .name = "holdfast-image",
      .summary = "The parts of a device's image that firmware and kernel read.",
      .footer = "",
      .commands = {programs::image::command_line_command(), programs::image::place_command(),
                   programs::image::firmware_keys_command(), programs::image::reference_values_command(),
                   programs::image::show_command(), programs::image::variables_command()}};
  return cli::run_program(program, argc, argv);
}

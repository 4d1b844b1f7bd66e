// holdfast-delta: applies deltas on a device, and shows them. Making them takes libraries and memory that a device has
// no use for; so `make` hands over to holdfast-delta-make, which is installed where images are built.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/text.h"
#include "programs/holdfast_delta/commands.h"

namespace {

using namespace holdfast;

constexpr Reason kMakerMissing{"maker-missing"};

/// Comes back only if it failed.
Result<void> make(const cli::Arguments& arguments) {
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  const std::string maker = (self.parent_path() / "holdfast-delta-make").string();
  execl(maker.c_str(), maker.c_str(), arguments.text("OLD").c_str(), arguments.text("NEW").c_str(),
        arguments.text("DELTA").c_str(), nullptr);
  return fail(Next::NotFound, kMakerMissing,
              cat("expected ", maker, ", which makes deltas where images are built, saw: ", std::strerror(errno)));
}

}  // namespace

int main(int argc, char** argv) {
  return cli::run_program({.name = "holdfast-delta",
                           .summary = "Makes a new image from an old one and what has changed.",
                           .footer = cli::kExitCodes,
                           .commands = programs::delta_commands("", "holdfast-delta", make)},
                          argc, argv);
}

// holdfast-delta: applies deltas on a device, and shows them. Making them takes libraries and memory that a device has
// no use for; so `make` hands over to holdfast-delta-make, which is installed where images are built.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/text.h"
#include "cli/arguments/command.h"
#include "programs/holdfast_delta/apply.h"

namespace {

using namespace holdfast;

constexpr Reason kMakerMissing{"maker-missing"};

Result<void> apply(const cli::Arguments& arguments) {
  return programs::apply_delta({arguments.text("OLD"), arguments.text("DELTA"), arguments.text("NEW")},
                               arguments.has("--check-old"));
}

Result<void> show(const cli::Arguments& arguments) {
  const std::string shown = TRY(programs::show_delta(arguments.text("DELTA")));
  std::fputs(shown.c_str(), stdout);
  return {};
}

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
  const cli::Option old_image{"OLD", "OLD", "the image that is there: a file or a block device", true};
  const cli::Option delta{"DELTA", "DELTA", "the delta", true};
  const cli::Program program{
      "holdfast-delta",
      "Makes a new image from an old one and what has changed.",
      cli::kExitCodes,
      {{"make",
        "write a delta that makes NEW from OLD",
        {old_image, {"NEW", "NEW", "the image that is wanted", true}, delta},
        "  holdfast-delta make root-1.erofs root-2.erofs root-1-to-2.delta",
        make},
       {"apply",
        "make NEW from OLD and a delta; NEW is there only when it is whole and right",
        {old_image,
         delta,
         {"NEW", "NEW", "the image to make", true},
         {"--check-old", "", "compare the digest of all of OLD first, which reads it once more"}},
        "  holdfast-delta apply root-1.erofs root-1-to-2.delta root-2.erofs\n"
        "  holdfast-delta apply --check-old /dev/disk/by-partlabel/root-a root-1-to-2.delta root-2.erofs",
        apply},
       {"show", "say what is in a delta", {delta}, "  holdfast-delta show root-1-to-2.delta", show}}};
  return cli::run_program(program, argc, argv);
}

#include "programs/holdfast_delta/commands.h"

#include <cstdio>

#include "base/text.h"
#include "programs/holdfast_delta/apply.h"

namespace holdfast::programs {
namespace {

Result<void> apply(const cli::Arguments& arguments) {
  return apply_delta({arguments.text("OLD"), arguments.text("DELTA"), arguments.text("NEW")},
                     arguments.has("--check-old"));
}

Result<void> show(const cli::Arguments& arguments) {
  const std::string shown = TRY(show_delta(arguments.text("DELTA")));
  std::fputs(shown.c_str(), stdout);
  return {};
}

}  // namespace

std::vector<cli::Command> delta_commands(const std::string& prefix, const std::string& program, RunCommand make) {
  const cli::Option old_image{"OLD", "OLD", "the image that is there: a file or a block device", true};
  const cli::Option delta{"DELTA", "DELTA", "the delta", true};
  return {
      {cat(prefix, "make"),
       "write a delta that makes NEW from OLD",
       {old_image, {"NEW", "NEW", "the image that is wanted", true}, delta},
       cat("  ", program, " make root-1.erofs root-2.erofs root-1-to-2.delta"),
       std::move(make)},
      {cat(prefix, "apply"),
       "make NEW from OLD and a delta; NEW is there only when it is whole and right",
       {old_image,
        delta,
        {"NEW", "NEW", "the image to make", true},
        {"--check-old", "", "compare the digest of all of OLD first, which reads it once more"}},
       cat("  ", program, " apply root-1.erofs root-1-to-2.delta root-2.erofs\n  ", program,
           " apply --check-old /dev/disk/by-partlabel/root-a root-1-to-2.delta root-2.erofs"),
       apply},
      {cat(prefix, "show"), "say what is in a delta", {delta}, cat("  ", program, " show root-1-to-2.delta"), show}};
}

}  // namespace holdfast::programs

#include "programs/holdfast_delta/make.h"

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "delta/make/delta.h"
#include "linux/system/files.h"

namespace holdfast::programs {
namespace {

constexpr std::size_t kImageBytesMax = 0x7FFFFFFF;

}  // namespace

Result<void> make_delta_file(const cli::Arguments& arguments) {
  const Blob old_image = TRY(linux::system::read_file(arguments.text("OLD"), kImageBytesMax));
  const Blob new_image = TRY(linux::system::read_file(arguments.text("NEW"), kImageBytesMax));
  std::uint64_t tenths = 0;
  const Blob delta = TRY(delta::make::make_delta(old_image, new_image, [&](std::uint64_t done, std::uint64_t all) {
    if (done * 10 / all == tenths) return;
    tenths = done * 10 / all;
    std::fprintf(stderr, "holdfast-delta: %d0 %% of the files done\n", static_cast<int>(tenths));
  }));
  TRY(linux::system::write_file(arguments.text("DELTA"), delta, linux::system::FileMode::Public));
  std::printf(
      "delta: %zu bytes, %.2f %% of the new image's %zu\n", delta.size(),
      100.0 * static_cast<double>(delta.size()) / static_cast<double>(std::max<std::size_t>(new_image.size(), 1)),
      new_image.size());
  return {};
}

}  // namespace holdfast::programs

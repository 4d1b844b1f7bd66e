// An ELF file from a stranger's tree: a build id within its bounds, or none; nothing is read behind the file.
#include <cstdint>

#include "base/check.h"
#include "cli/release/build_id.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto id = holdfast::cli::release::build_id_in({data, size});
  CHECK_INVARIANT(!id || (!id->empty() && id->size() <= holdfast::cli::release::kBuildIdBytesMax));
  return 0;
}

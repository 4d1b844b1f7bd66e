// A list of Debian packages from a stranger's tree: what is read has what a bill of materials needs, and its URL is one
// word.
#include <cstdint>

#include "base/check.h"
#include "cli/release/packages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto packages = cli::release::packages_in({data, size});
  if (!packages) return 0;
  CHECK_INVARIANT(packages->size() <= cli::release::kPackagesMax);
  for (const cli::release::Package& one : *packages) {
    CHECK_INVARIANT(!one.name.empty() && !one.version.empty() && !one.architecture.empty());
    CHECK_INVARIANT(cli::release::purl_of(one).find_first_of(" \t\n\r\"") == std::string::npos);
  }
  return 0;
}

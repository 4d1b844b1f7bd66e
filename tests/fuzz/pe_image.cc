// A program that firmware would start, from a stranger: nothing crashes, and every section lies within it.
#include <cstdint>

#include "base/check.h"
#include "firmware/pe_image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace holdfast;
  const auto image = firmware::PeImage::parse({data, size});
  if (!image) return 0;
  [[maybe_unused]] const Digest256 digest = image->authenticode_sha256();
  for (const auto& section : image->sections()) {
    CHECK_INVARIANT(section.contents.data() >= data &&
                    section.contents.data() + section.contents.size() <= data + size);
  }
  return 0;
}

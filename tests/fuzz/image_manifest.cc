// What signed targets would say of an image, and a manifest, from a stranger: what is read must survive being written,
// and a manifest that is accepted has the segments of the image's length.
#include <cstdint>

#include "base/check.h"
#include "trust/crypto/hash.h"
#include "trust/update/manifest.h"

namespace {

using namespace holdfast;
using namespace holdfast::trust::update;

constexpr std::size_t kLengthBytes = 4;

void try_image(Bytes input) {
  const auto value = json::parse(input, {});
  if (!value) return;
  const auto image = image_from(*value);
  if (!image) return;
  const auto written = to_json(*image);
  CHECK_INVARIANT(written);
  CHECK_INVARIANT(*image_from(*written) == *image);
}

/// The first bytes say how long the image is.
void try_manifest(Bytes input) {
  if (input.size() < kLengthBytes) return;
  std::int64_t length = 0;
  for (const std::uint8_t byte : input.first(kLengthBytes)) length = length << 8 | byte;
  const Bytes document = input.subspan(kLengthBytes);
  Image image;
  image.manifest.length = static_cast<std::int64_t>(document.size());
  image.manifest.hashes.emplace();
  image.manifest.hashes->sha256 = trust::crypto::sha256(document);
  const auto manifest = read_manifest(document, image, length);
  if (!manifest) return;
  const std::size_t segments = (static_cast<std::size_t>(length) + kSegmentBytes - 1) / kSegmentBytes;
  CHECK_INVARIANT(manifest->segments.size() == segments);
  if (segments == 0) return;
  const auto written = make_manifest(*manifest);
  CHECK_INVARIANT(written);
  image.manifest.length = static_cast<std::int64_t>(written->size());
  image.manifest.hashes->sha256 = trust::crypto::sha256(*written);
  const auto again = read_manifest(*written, image, length);
  CHECK_INVARIANT(again && again->deltas == manifest->deltas && again->sbom == manifest->sbom &&
                  again->reference_values == manifest->reference_values && again->build_ids == manifest->build_ids);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try_image({data, size});
  try_manifest({data, size});
  return 0;
}

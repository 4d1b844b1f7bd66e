#include "trust/update/manifest.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/canonical.h"

namespace holdfast::trust::update {
namespace {

constexpr std::size_t kDigestHexBytes = 64;

std::size_t segments_in(std::int64_t length) {
  return (static_cast<std::size_t>(length) + kSegmentBytes - 1) / kSegmentBytes;
}

}  // namespace

std::vector<Digest256> segments_of(Bytes image) {
  std::vector<Digest256> out;
  for (std::size_t at = 0; at < image.size(); at += kSegmentBytes) {
    out.push_back(crypto::sha256(image.subspan(at, std::min(kSegmentBytes, image.size() - at))));
  }
  return out;
}

Result<Blob> make_manifest(const Manifest& manifest) {
  if (manifest.segments.empty() || manifest.segments.size() > kSegmentsMax) {
    return fail(
        Next::Rejected, kManifestMalformed,
        cat("expected an image of 1 to ", kSegmentsMax, " segments of 256 KiB, saw ", manifest.segments.size()));
  }
  json::Array segments;
  for (const Digest256& one : manifest.segments) segments.emplace_back(to_hex(one));
  return tuf::canonical(
      json::Object{{"segment_bytes", std::int64_t{kSegmentBytes}}, {"segments", std::move(segments)}});
}

Result<Manifest> read_manifest(Bytes document, const Image& image, std::int64_t length) {
  TRY(tuf::require_meta_file("the manifest", image.manifest, document));
  const auto value = TRY(json::parse(
      document,
      {.bytes_max = static_cast<std::size_t>(kManifestBytesMax), .depth_max = 8, .nodes_max = kSegmentsMax + 1024}));
  auto fields = TRY(json::Fields::of(value, "manifest"));
  TRY(fields.integer("segment_bytes", std::int64_t{kSegmentBytes}, std::int64_t{kSegmentBytes}));
  Manifest out;
  for (const std::string& hex : TRY(fields.texts("segments", kSegmentsMax, kDigestHexBytes))) {
    out.segments.push_back(TRY(array_from_hex<32>(hex)));
  }
  if (out.segments.size() == segments_in(length)) return out;
  return fail(
      Next::Rejected, kManifestMalformed,
      cat("expected ", segments_in(length), " segments of an image of ", length, " bytes, saw ", out.segments.size()));
}

}  // namespace holdfast::trust::update

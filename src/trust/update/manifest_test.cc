#include "trust/update/manifest.h"

#include <doctest/doctest.h>

#include "fails_with.h"
#include "trust/crypto/hash.h"

namespace holdfast::trust::update {
namespace {

/// An image that names these bytes as its manifest.
Image image_with(Bytes manifest) {
  Image out;
  out.manifest.length = static_cast<std::int64_t>(manifest.size());
  out.manifest.hashes.emplace();
  out.manifest.hashes->sha256 = crypto::sha256(manifest);
  return out;
}

TEST_CASE("a manifest lists each segment of its image") {
  const Blob content(2 * kSegmentBytes + 1, 0x61);
  const Manifest made{segments_of(content)};
  REQUIRE(made.segments.size() == 3);
  CHECK(made.segments[0] == made.segments[1]);
  CHECK(made.segments[2] == crypto::sha256(Bytes(content).first(1)));
  const auto document = make_manifest(made);
  REQUIRE(document);
  const auto read = read_manifest(*document, image_with(*document), static_cast<std::int64_t>(content.size()));
  REQUIRE(read);
  CHECK(read->segments == made.segments);
}

TEST_CASE("another manifest than the signed targets name is refused") {
  const Blob content(10, 0x61);
  const Blob document = *make_manifest({segments_of(content), {}});
  const Image image = image_with(document);
  Blob other = document;
  other.back() = ' ';
  CHECK(fails_with(read_manifest(other, image, 10), tuf::kContentDiffers));
  CHECK_FALSE(read_manifest(Bytes(document).first(document.size() - 1), image, 10));
}

TEST_CASE("a manifest with too few or too many segments is refused") {
  const Blob document = *make_manifest({segments_of(Blob(kSegmentBytes + 1, 0x61)), {}});
  for (const std::size_t length : {kSegmentBytes, 2 * kSegmentBytes + 1}) {
    CHECK(fails_with(read_manifest(document, image_with(document), static_cast<std::int64_t>(length)),
                     kManifestMalformed));
  }
  CHECK(fails_with(make_manifest({}), kManifestMalformed));
  CHECK(fails_with(make_manifest({std::vector<Digest256>(kSegmentsMax + 1), {}}), kManifestMalformed));
}

TEST_CASE("a manifest lists the deltas to its image, one from each other image") {
  Manifest made{segments_of(Blob(10, 0x61))};
  Digest256 other{};
  other.fill(1);
  made.deltas = {{Digest256{}, 5, other}, {other, 6, Digest256{}}};
  const Blob document = *make_manifest(made);
  const auto read = read_manifest(document, image_with(document), 10);
  REQUIRE(read);
  CHECK(read->deltas == made.deltas);
  made.deltas[1].from = made.deltas[0].from;
  const Blob twice = *make_manifest(made);
  CHECK(fails_with(read_manifest(twice, image_with(twice), 10), kManifestMalformed));
  made.deltas.resize(kDeltasMax + 1);
  CHECK(fails_with(make_manifest(made), kManifestMalformed));
}

TEST_CASE("a manifest names what else is said of its image, and a reader passes over what it does not know") {
  Manifest made{segments_of(Blob(10, 0x61))};
  Digest256 other{};
  other.fill(1);
  made.sbom = Attachment{5, other};
  made.build_ids = Attachment{6, Digest256{}};
  const Blob document = *make_manifest(made);
  const auto read = read_manifest(document, image_with(document), 10);
  REQUIRE(read);
  CHECK(read->sbom == made.sbom);
  CHECK(read->build_ids == made.build_ids);
  CHECK_FALSE(read->reference_values);
  json::Value later = *json::parse(document);
  later.set("colour", "green");
  const std::string text = json::dump(later);
  CHECK(read_manifest(as_bytes(text), image_with(as_bytes(text)), 10));
}

TEST_CASE("the longest manifest that can be written can be read") {
  Manifest made{std::vector<Digest256>(kSegmentsMax)};
  made.deltas.resize(kDeltasMax, {Digest256{}, tuf::kLengthMax, Digest256{}});
  made.sbom = made.reference_values = made.build_ids = Attachment{tuf::kLengthMax, Digest256{}};
  for (std::size_t i = 0; i < kDeltasMax; ++i) made.deltas[i].from.front() = static_cast<std::uint8_t>(i);
  const Blob document = *make_manifest(made);
  CHECK(document.size() <= static_cast<std::size_t>(kManifestBytesMax));
  CHECK(read_manifest(document, image_with(document), static_cast<std::int64_t>(kSegmentsMax * kSegmentBytes)));
}

}  // namespace
}  // namespace holdfast::trust::update

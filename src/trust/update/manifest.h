// The manifest of an image: what a device needs to fetch it piece by piece, each verified before it is written. Signed
// targets name it by its digest (image.h), so that it is as good as signed. Members that this version does not know are
// passed over: they are for others, or make fetching cheaper, and limit nothing.
#pragma once

#include <vector>

#include "trust/update/image.h"

namespace holdfast::trust::update {

inline constexpr Reason kManifestMalformed{"manifest-malformed"};

inline constexpr std::size_t kSegmentBytes = 256 * 1024;
inline constexpr std::size_t kSegmentsMax = 12'000;  ///< 2.9 GiB, within kManifestBytesMax
inline constexpr std::size_t kDeltasMax = 64;

/// Makes the image from another one.
struct Delta {
  Digest256 from{};  ///< SHA-256 of the image that it starts from
  std::int64_t length = 0;
  Digest256 sha256{};
  friend bool operator==(const Delta&, const Delta&) = default;
};

// What a version's files beside its image are called, behind the digest.
inline constexpr std::string_view kSbomPart{"sbom"};
inline constexpr std::string_view kReferenceValuesPart{"reference-values"};
inline constexpr std::string_view kBuildIdsPart{"build-ids"};

/// A file beside the image, for whoever looks after devices; a device does not need it.
struct Attachment {
  std::int64_t length = 0;
  Digest256 sha256{};
  friend bool operator==(const Attachment&, const Attachment&) = default;
};

struct Manifest {
  std::vector<Digest256> segments;      ///< SHA-256 of each kSegmentBytes of the image; the last may be shorter
  std::vector<Delta> deltas = {};       ///< each from another image
  std::optional<Attachment> sbom = {};  ///< CycloneDX 1.5 in JSON
  std::optional<Attachment> reference_values = {};  ///< what attestation is to see of it
  std::optional<Attachment> build_ids = {};         ///< of its ELF files, by path
};

/// The digests of an image's segments, in their order.
std::vector<Digest256> segments_of(Bytes image);

/// Refuses an image with more segments than a manifest may list.
Result<Blob> make_manifest(const Manifest& manifest);

/// Of the bytes that `image` names, for a content of `length` bytes.
Result<Manifest> read_manifest(Bytes document, const Image& image, std::int64_t length);

}  // namespace holdfast::trust::update

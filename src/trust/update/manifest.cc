#include "trust/update/manifest.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"
#include "trust/tuf/canonical.h"

namespace holdfast::trust::update {
namespace {

constexpr std::size_t kDigestHexBytes = 64;
constexpr std::string_view kSbom = "sbom";
constexpr std::string_view kReferenceValues = "reference_values";
constexpr std::string_view kBuildIds = "build_ids";

std::size_t segments_in(std::int64_t length) {
  return (static_cast<std::size_t>(length) + kSegmentBytes - 1) / kSegmentBytes;
}

Result<Delta> delta_from(const json::Value& value) {
  auto fields = TRY(json::Fields::of(value, "delta"));
  Delta out;
  out.from = TRY(fields.digest256("from"));
  out.length = TRY(fields.integer("length", 1, tuf::kLengthMax));
  out.sha256 = TRY(fields.digest256("sha256"));
  return out;
}

Result<std::vector<Delta>> deltas_from(json::Fields& fields) {
  std::vector<Delta> out;
  if (!fields.has("deltas")) return out;
  for (const json::Value& value : *TRY(fields.array("deltas", kDeltasMax))) {
    Delta delta = TRY(delta_from(value));
    if (std::ranges::find(out, delta.from, &Delta::from) != out.end()) {
      return fail(Next::Rejected, kManifestMalformed,
                  cat("expected one delta from the image ", to_hex(delta.from), ", saw two"));
    }
    out.push_back(delta);
  }
  return out;
}

Result<std::optional<Attachment>> attachment_from(json::Fields& fields, std::string_view name) {
  if (!fields.has(name)) return std::optional<Attachment>();
  auto members = TRY(fields.object(name));
  Attachment out;
  out.length = TRY(members.integer("length", 1, tuf::kLengthMax));
  out.sha256 = TRY(members.digest256("sha256"));
  return std::optional(out);
}

void put_attachment(json::Object& members, std::string_view name, const std::optional<Attachment>& attachment) {
  if (!attachment) return;
  members.emplace_back(name, json::Object{{"length", attachment->length}, {"sha256", to_hex(attachment->sha256)}});
}

json::Array to_json(const std::vector<Delta>& deltas) {
  json::Array out;
  for (const Delta& one : deltas) {
    out.emplace_back(json::Object{{"from", to_hex(one.from)}, {"length", one.length}, {"sha256", to_hex(one.sha256)}});
  }
  return out;
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
  if (manifest.deltas.size() > kDeltasMax) {
    return fail(Next::Rejected, kManifestMalformed,
                cat("expected at most ", kDeltasMax, " deltas to one image, saw ", manifest.deltas.size()));
  }
  json::Array segments;
  for (const Digest256& one : manifest.segments) segments.emplace_back(to_hex(one));
  json::Object members{{"segment_bytes", std::int64_t{kSegmentBytes}},
                       {"segments", std::move(segments)},
                       {"deltas", to_json(manifest.deltas)}};
  put_attachment(members, kSbom, manifest.sbom);
  put_attachment(members, kReferenceValues, manifest.reference_values);
  put_attachment(members, kBuildIds, manifest.build_ids);
  return tuf::canonical(std::move(members));
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
  out.deltas = TRY(deltas_from(fields));
  out.sbom = TRY(attachment_from(fields, kSbom));
  out.reference_values = TRY(attachment_from(fields, kReferenceValues));
  out.build_ids = TRY(attachment_from(fields, kBuildIds));
  if (out.segments.size() == segments_in(length)) return out;
  return fail(
      Next::Rejected, kManifestMalformed,
      cat("expected ", segments_in(length), " segments of an image of ", length, " bytes, saw ", out.segments.size()));
}

}  // namespace holdfast::trust::update

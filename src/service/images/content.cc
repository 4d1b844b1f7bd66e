#include "service/images/content.h"

#include "base/encoding.h"
#include "base/text.h"
#include "trust/crypto/hash.h"

namespace holdfast::service::images {
namespace {

using trust::appraisal::ReferenceSet;
using trust::update::Attachment;
using trust::update::Image;
using trust::update::Manifest;

ports::ImageFileName file_beside(std::string_view catalog, const Image& image, const Digest256& sha256,
                                 std::string_view part) {
  return {std::string(catalog), image.component, image.version, cat(to_hex(sha256), ".", part)};
}

Result<void> require_file(ports::ImageFiles& files, const ports::ImageFileName& name, std::int64_t length) {
  if (TRY(files.length(name)) == length) return {};
  return fail(Next::Conflict, kImageMissing,
              cat("expected ", length, " bytes of ", name.component, "/", name.version, "/", name.file,
                  " to be here before it is published, saw none or others"));
}

/// A whole file of at most `bytes_max`, which is what its name says.
Result<Blob> content_of(ports::ImageFiles& files, const ports::ImageFileName& name, const Digest256& sha256,
                        std::size_t bytes_max) {
  Blob out;
  while (true) {
    const auto piece = TRY(files.read(name, static_cast<std::int64_t>(out.size()), ports::kImagePieceBytesMax));
    if (!piece || piece->empty()) break;
    out.insert(out.end(), piece->begin(), piece->end());
    if (out.size() > bytes_max) break;
  }
  if (out.size() <= bytes_max && trust::crypto::sha256(out) == sha256) return out;
  return fail(Next::Conflict, kImageMissing,
              cat("expected ", name.component, "/", name.version, "/", name.file, " whole, of at most ", bytes_max,
                  " bytes, saw none or others"));
}

/// None: its description names none.
Result<std::optional<Manifest>> manifest_of(ports::ImageFiles& files, std::string_view catalog,
                                            const Released& released) {
  const auto& listed = released.image.manifest;
  if (!listed.length || !listed.hashes || !listed.hashes->sha256) return std::optional<Manifest>();
  const auto name = file_beside(catalog, released.image, *listed.hashes->sha256, "manifest");
  const Blob document =
      TRY(content_of(files, name, *listed.hashes->sha256, static_cast<std::size_t>(trust::update::kManifestBytesMax)));
  return std::optional(TRY(trust::update::read_manifest(document, released.image, released.length)));
}

Result<void> require_attachment(ports::ImageFiles& files, std::string_view catalog, const Image& image,
                                std::string_view part, const std::optional<Attachment>& attachment) {
  if (!attachment) return {};
  return require_file(files, file_beside(catalog, image, attachment->sha256, part), attachment->length);
}

Result<ReferenceSet> reference_values_of(ports::ImageFiles& files, std::string_view catalog, const Image& image,
                                         const Attachment& listed) {
  const auto name = file_beside(catalog, image, listed.sha256, trust::update::kReferenceValuesPart);
  const Blob document = TRY(content_of(files, name, listed.sha256, trust::appraisal::kReferenceSetBytesMax));
  return input(trust::appraisal::parse_released_set(
      document,
      {{image.component, image.version}, image.security_version, image.kind == trust::update::ImageKind::Os}));
}

}  // namespace

Result<std::optional<ReferenceSet>> require_release(ports::ImageFiles& files, std::string_view catalog,
                                                    const Released& released) {
  const Image& image = released.image;
  TRY(require_file(files, TRY(file_of(catalog, released.path, released.sha256)), released.length));
  const auto manifest = TRY(manifest_of(files, catalog, released));
  if (!manifest) return std::optional<ReferenceSet>();
  for (const trust::update::Delta& one : manifest->deltas) {
    TRY(require_file(files, file_beside(catalog, image, one.sha256, cat(to_hex(one.from), ".delta")), one.length));
  }
  TRY(require_attachment(files, catalog, image, trust::update::kSbomPart, manifest->sbom));
  TRY(require_attachment(files, catalog, image, trust::update::kBuildIdsPart, manifest->build_ids));
  if (!manifest->reference_values) return std::optional<ReferenceSet>();
  return std::optional(TRY(reference_values_of(files, catalog, image, *manifest->reference_values)));
}

}  // namespace holdfast::service::images

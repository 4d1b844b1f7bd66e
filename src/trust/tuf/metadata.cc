#include "trust/tuf/metadata.h"

#include "base/text.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::size_t kWordBytesMax = 16;
constexpr std::string_view kSpecification = "1.0.31";

std::unexpected<Error> malformed(std::string message) {
  return fail(Next::Rejected, kMetadataMalformed, std::move(message));
}

}  // namespace

Result<Header> read_header(json::Fields& fields, std::string_view type) {
  const std::string seen = TRY(fields.text("_type", kWordBytesMax));
  if (seen != type) return malformed(cat("expected a document of type ", type, ", saw ", printable(seen)));
  const std::string specification = TRY(fields.text("spec_version", kWordBytesMax));
  if (!specification.starts_with("1.")) {
    return malformed(cat("expected TUF specification 1.x, saw ", printable(specification)));
  }
  Header out;
  out.version = TRY(fields.integer("version", 1, kVersionMax));
  out.expires = TRY(fields.time("expires"));
  return out;
}

json::Object write_header(const Header& header, std::string_view type) {
  return {{"_type", type},
          {"expires", to_rfc3339(header.expires)},
          {"spec_version", kSpecification},
          {"version", header.version}};
}

Result<void> require_unexpired(std::string_view document, WallTime expires, WallTime now) {
  if (now < expires) return {};
  return fail(Next::Rejected, kMetadataExpired,
              cat("expected ", document, " to be valid at ", to_rfc3339(now), ", saw that it expired at ",
                  to_rfc3339(expires)));
}

Result<MetaFile> read_meta_file(const json::Value& value, std::string_view name) {
  const std::string what = printable(name);
  auto fields = TRY(json::Fields::of(value, what));
  MetaFile out;
  out.version = TRY(fields.integer("version", 1, kVersionMax));
  if (fields.has("length")) out.length = TRY(fields.integer("length", 1, kLengthMax));
  if (fields.has("hashes")) {
    out.hashes = TRY(read_hashes(fields));
    TRY(require_known_hash(name, *out.hashes));
  }
  return out;
}

json::Value write_meta_file(const MetaFile& file) {
  json::Object out{{"version", file.version}};
  if (file.length) out.emplace_back("length", *file.length);
  if (file.hashes) out.emplace_back("hashes", write_hashes(*file.hashes));
  return out;
}

Result<void> require_meta_file(std::string_view name, const MetaFile& file, Bytes document) {
  if (file.length && static_cast<std::int64_t>(document.size()) != *file.length) {
    return fail(Next::Rejected, kContentDiffers,
                cat("expected ", *file.length, " bytes of ", printable(name), ", saw ", document.size()));
  }
  return file.hashes ? require_hashes(printable(name), *file.hashes, document) : Result<void>();
}

Result<void> require_version(std::string_view name, std::int64_t expected, std::int64_t seen) {
  if (seen == expected) return {};
  return fail(Next::Rejected, kMetadataVersionWrong,
              cat("expected version ", expected, " of ", printable(name), ", saw ", seen));
}

}  // namespace holdfast::trust::tuf

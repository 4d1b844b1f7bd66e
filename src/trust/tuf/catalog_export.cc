#include "trust/tuf/catalog_export.h"

#include "base/encoding.h"
#include "base/json/fields.h"
#include "base/text.h"

namespace holdfast::trust::tuf {
namespace {

constexpr std::string_view kType = "catalog-export";
constexpr std::int64_t kFormat = 1;
constexpr std::size_t kTypeBytesMax = 48;
constexpr std::size_t kCatalogNameBytesMax = 48;

}  // namespace

Result<CatalogExport> read_catalog_export(const Envelope& envelope) {
  auto fields = TRY(json::Fields::of(envelope.signed_part, kType));
  const std::string type = TRY(fields.text("_type", kTypeBytesMax));
  if (type != kType) {
    return fail(Next::Rejected, kCatalogExportMalformed,
                cat("expected a document of type ", kType, ", saw ", printable(type)));
  }
  TRY(fields.integer("format", kFormat, kFormat));
  CatalogExport out;
  out.catalog = TRY(fields.text("catalog", kCatalogNameBytesMax));
  out.exported_at = TRY(fields.time("exported_at"));
  out.migration = TRY(fields.integer("migration", 1, kVersionMax));
  out.pages = TRY(fields.integer("pages", 1, kExportPagesMax));
  out.rows = TRY(fields.integer("rows", 1, INT64_MAX));
  out.last_page = TRY(fields.digest256("last_page_sha256"));
  TRY(fields.done());
  return out;
}

Result<Verified<CatalogExport>> verify_catalog_export(Bytes envelope, const Verified<Root>& root) {
  const Envelope parsed = TRY(parse_envelope(envelope));
  TRY(require_threshold(parsed, root->keys, root->role(RoleName::Root)));
  return Verified<CatalogExport>(TRY(read_catalog_export(parsed)), Proof());
}

Result<Envelope> make_catalog_export(const CatalogExport& statement) {
  Envelope envelope = TRY(make_envelope(json::Object{{"_type", kType},
                                                     {"format", kFormat},
                                                     {"catalog", statement.catalog},
                                                     {"exported_at", to_rfc3339(statement.exported_at)},
                                                     {"migration", statement.migration},
                                                     {"pages", statement.pages},
                                                     {"rows", statement.rows},
                                                     {"last_page_sha256", to_hex(statement.last_page)}}));
  TRY(read_catalog_export(envelope));
  return envelope;
}

}  // namespace holdfast::trust::tuf

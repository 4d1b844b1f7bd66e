// What vouches for an exported catalog (docs/moving.md): signed by the owner's root role, it names the last page of the
// archive by its digest, and each page names the one before it. So a page is verified before anything of it is taken,
// from the last to the first, and none can be left out, added or changed. Members that this version does not know are
// refused.
#pragma once

#include "trust/tuf/root.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kCatalogExportMalformed{"catalog-export-malformed"};

inline constexpr std::int64_t kExportPagesMax = 1'000'000;

struct CatalogExport {
  std::string catalog;
  WallTime exported_at;
  std::int64_t migration = 0;  ///< the newest that its database had
  std::int64_t pages = 0;
  std::int64_t rows = 0;
  Digest256 last_page{};
};

/// An archive does not expire; a later one of the same catalog is the owner's to prefer.
Result<Verified<CatalogExport>> verify_catalog_export(Bytes envelope, const Verified<Root>& root);

// The owner's side.

/// An unsigned statement; refuses what verification would refuse.
Result<Envelope> make_catalog_export(const CatalogExport& statement);
/// Reads one without trusting it.
Result<CatalogExport> read_catalog_export(const Envelope& envelope);

}  // namespace holdfast::trust::tuf

// The new house: a catalog taken over from an archive that its owner signed, page by page and from the last to the
// first, each verified before anything of it is kept. Until its issuing CAs are certified by the owner's roots it gives
// out nothing; its devices' certificates are good from the moment at which their page is there.
#pragma once

#include "ports/store/rows/moving.h"
#include "service/catalog/catalogs.h"
#include "service/deps.h"
#include "service/moving/page.h"

namespace holdfast::service::moving {

inline constexpr Reason kImportUnknown{"import-unknown"};
inline constexpr Reason kArchiveTooNew{"archive-too-new"};

inline constexpr std::size_t kStatementBytesMax = 64 * 1024;

/// Begins, or goes on where it was. `roots` begins with the owner's first; the statement must verify under the last.
Result<ports::ImportRow> begin_import(ports::Transaction& tx, const std::vector<Blob>& roots, Bytes statement,
                                      const Caller& by, WallTime now);

/// Page `number` must be the next one. How many remain; with the last the catalog is whole, and Preparing.
Result<std::int64_t> take_page(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::int64_t number,
                               Bytes body, const Caller& by, WallTime now);

}  // namespace holdfast::service::moving

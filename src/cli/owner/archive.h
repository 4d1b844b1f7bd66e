// An exported catalog as a folder of files (docs/moving.md): pages, the owner's roots, and the statement that vouches
// for them. Nothing in it is secret beyond what the catalog's operators know: no private key, no secret of a ticket.
#pragma once

#include <functional>

#include "cli/owner/folder.h"
#include "cli/session/session.h"
#include "trust/tuf/catalog_export.h"

namespace holdfast::cli::owner {

inline constexpr Reason kArchiveDamaged{"archive-damaged"};

/// Told now and then how many pages are done, of how many where that is known.
using Progress = std::function<void(std::int64_t done, std::int64_t all)>;

/// Writes every page that the service has of a catalog that left, and the statement, signed with the keys at hand.
/// Returns what happened, as a sentence.
Result<std::string> write_archive(World& world, Session& session, const Folder& folder, const std::string& catalog,
                                  const std::string& into, const Progress& progress);

/// Whose archive this is; not verified.
Result<std::string> catalog_in(World& world, const std::string& from);

/// Sends an archive to a service, from the last page to the first; goes on where an earlier call was cut
/// off. Conflict where the catalog is there already.
Result<void> send_archive(World& world, Session& session, const std::string& from, const Progress& progress);

}  // namespace holdfast::cli::owner

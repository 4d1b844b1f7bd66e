// Snapshot metadata (TUF 1.0 §4.4): which version of each targets document belongs with which, so that nobody can mix
// documents of different times.
#pragma once

#include <map>

#include "trust/tuf/timestamp.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kTargetsUnlisted{"targets-unlisted"};

inline constexpr std::size_t kSnapshotBytesMax = 2 * 1024 * 1024;
inline constexpr std::size_t kTargetsDocumentsMax = 4096;
inline constexpr std::size_t kFileNameBytesMax = 256;

struct Snapshot {
  Header header;
  std::map<std::string, MetaFile, std::less<>> meta;  ///< by `targets.json`, `<role>.json`
};

/// The very document that `timestamp` names, signed by the snapshot role, in which no targets document of `trusted`,
/// the one before, is missing or older (§5.5). Expiry is a separate question.
Result<Verified<Snapshot>> verify_snapshot(Bytes envelope, const Verified<Root>& root,
                                           const Verified<Timestamp>& timestamp,
                                           const std::optional<Verified<Snapshot>>& trusted);
/// One that was verified before and kept: its signatures alone, since a newer timestamp names another by now. For
/// `trusted` above.
Result<Verified<Snapshot>> verify_kept_snapshot(Bytes envelope, const Verified<Root>& root);

/// What it says of the targets document of a role; kTargetsUnlisted where it says nothing.
Result<MetaFile> listed_in(const Snapshot& snapshot, std::string_view role);

// The repository's side.

Result<Envelope> make_snapshot(const Snapshot& snapshot);
/// Reads one without trusting it.
Result<Snapshot> read_snapshot(const Envelope& envelope);

}  // namespace holdfast::trust::tuf

// Timestamp metadata (TUF 1.0 §4.6): the newest snapshot, said anew often, so that old metadata cannot be passed off as
// new for long.
#pragma once

#include "trust/tuf/metadata.h"
#include "trust/tuf/root.h"

namespace holdfast::trust::tuf {

inline constexpr std::size_t kTimestampBytesMax = 16 * 1024;

struct Timestamp {
  Header header;
  MetaFile snapshot;
};

/// Signed by the timestamp role, and neither it nor its snapshot older than in `trusted`, the one before, where there
/// is one. The version of `trusted` again gives `trusted` back (§5.4.3). Expiry is a separate question
/// (require_unexpired): an expired one still guards against going back.
Result<Verified<Timestamp>> verify_timestamp(Bytes envelope, const Verified<Root>& root,
                                             const std::optional<Verified<Timestamp>>& trusted);

// The repository's side.

Result<Envelope> make_timestamp(const Timestamp& timestamp);
/// Reads one without trusting it.
Result<Timestamp> read_timestamp(const Envelope& envelope);

}  // namespace holdfast::trust::tuf

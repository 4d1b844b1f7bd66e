// A service brought back to what it was when a backup was made, in an empty database. What happened since is not known,
// so nothing that may have been spent or taken back since works again: open tickets, one-time secrets, nonces,
// enrolments and kept answers end, every certificate is superseded (devices attest anew, by themselves), operators'
// tokens go (the next start hands over an owner link). Numbers that may have been given since are skipped
// (service/numbers.h), and each audit chain says that it goes on from a backup, which is where it parts from heads that
// were seen later.
#pragma once

#include "service/backup/backup.h"

namespace holdfast::service::backup {

inline constexpr Reason kDatabaseNotEmpty{"database-not-empty"};

struct Restored {
  Summary archive;
  std::uint64_t tickets_ended = 0;
  std::uint64_t devices_to_attest = 0;  ///< whose certificates were superseded
  std::uint64_t operators_gone = 0;
};

struct Choice {
  bool keep_operators = false;  ///< tokens that were taken back since the backup work again then
};

/// Conflict (kDatabaseNotEmpty) where a table has a row. Cut off half-way it leaves a database that no service starts
/// on.
Result<Restored> restore(ports::Store& store, const Keyring& keyring, Source& source, const Choice& choice,
                         WallTime now);

}  // namespace holdfast::service::backup

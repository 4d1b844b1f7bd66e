// ports::Store on PostgreSQL 14 or newer, for any number of processes at once.
// Transactions are serialisable and run optimistically; where they keep getting in each other's way they queue up, also
// across processes. Acknowledged writes survive the loss of the primary where the server has a synchronous standby.
// Poolers that give a transaction another session than the last one (PgBouncer's transaction mode) cannot stand
// between.
#pragma once

#include <memory>
#include <string>

#include "base/time.h"
#include "ports/store/migration.h"
#include "ports/store/store.h"

namespace holdfast::linux::store::postgres {

struct Options {
  std::string url;            ///< as in Session::open()
  std::size_t sessions = 16;  ///< beside the one that syncs; more concurrent transactions wait
  /// A server that answers nothing for so long, be it that its standbys do not answer it, is given up: writes and
  /// flushes fail, and the next ones look for it anew.
  Duration answers_within = seconds(20);
};

/// Since the store was opened.
struct Activity {
  std::uint64_t commits;
  std::uint64_t conflicts;     ///< transactions that had to run again because another one came first
  std::uint64_t syncs;         ///< commits that waited for the disk
  std::uint64_t acknowledged;  ///< flushes that waited for one of them
};

class Database : public ports::Store {
 public:
  static Result<std::unique_ptr<Database>> open(const Options& options,
                                                const std::vector<ports::Migration>& migrations);
  virtual Activity activity() const = 0;
};

}  // namespace holdfast::linux::store::postgres

// ports::Store on one SQLite file (WAL mode), for a service that runs as one process. Other processes may open the same
// file at the same time; writers then take turns.
// Reads are served by connections of their own, or by the writer's while it has writes that others do not see yet.
// Refuses a file that lacks a migration below one that it has; a newer program's migrations are no obstacle.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "ports/store/migration.h"
#include "ports/store/store.h"

namespace holdfast::linux::store::sqlite {

struct Options {
  std::string path;                     ///< created with mode 0600
  std::size_t readers = 4;              ///< connections; more concurrent reads wait
  Duration commit_after{50};            ///< what nobody flushes becomes visible to other processes after this
  std::size_t checkpoint_pages = 8000;  ///< the WAL is moved into the file whenever it has grown by this
  /// Puts a descriptor's file on disk: 0, or -1 with errno. Empty: fdatasync.
  std::function<int(int descriptor)> sync = {};
};

/// Since the store was opened.
struct Activity {
  std::uint64_t commits;
  std::uint64_t syncs;         ///< of the WAL, for flushes
  std::uint64_t acknowledged;  ///< flushes that waited for one of them
  std::uint64_t checkpoints;
};

class Database : public ports::Store {
 public:
  static Result<std::unique_ptr<Database>> open(const Options& options,
                                                const std::vector<ports::Migration>& migrations);
  virtual Activity activity() const = 0;
};

}  // namespace holdfast::linux::store::sqlite

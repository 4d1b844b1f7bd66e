// The Store of the simulated world: ordered tables in memory, one transaction at a time. Written rows are visible at
// once and survive crash() only when flushed, as on a disk with a write cache.
// Deterministic: it starts no thread and asks no clock; flushes call back inside flush() or when told to. Tables appear
// at their first use; there are no migrations.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>

#include "ports/store/store.h"
#include "sim/store/memory_table.h"

namespace holdfast::sim::store {

/// What a schedule of faults does to the store.
struct Faults {
  /// Asked before each step with its name; an error is what the step then answers. The steps: `write` and `read`
  /// (before anything happens), `written` (the rows are there, the caller does not know), `flush` (before anything is
  /// durable), `flushed` (durable, nobody told).
  std::function<Result<void>(std::string_view step)> before_each_step = {};
  bool hold_flushes = false;    ///< flushes wait for complete_flushes()
  std::size_t rerun_every = 0;  ///< each n-th write runs its Work twice, as after a serialisation conflict
};

class MemoryStore final : public ports::Store {
 public:
  explicit MemoryStore(Faults faults = {}) : faults_(std::move(faults)) {}

  Result<void> write(const ports::Work& work) override;
  Result<void> read(const ports::Work& work) override;
  void flush(std::function<void(Result<void>)> done) override;

  void set_faults(Faults faults);
  /// Makes durable what the held flushes asked for and calls them back; says how many.
  std::size_t complete_flushes();
  /// A power cut: of the writes that are not flushed only the oldest `writes_kept` survive, and nobody who waits for a
  /// flush ever hears of it.
  void crash(std::size_t writes_kept = 0);
  /// The disk refused: writes that are not flushed are gone, and every flush that waits fails with this.
  void lose_unflushed(const Error& error);
  std::size_t unflushed_writes() const;

 private:
  friend class MemoryTransaction;
  struct Undo {
    const ports::Schema* schema;
    ports::Record key;
    std::optional<ports::Record> before;  ///< empty: there was no such row
  };
  struct HeldFlush {
    std::size_t writes;  ///< of `unflushed_`, from the oldest, that it makes durable
    std::function<void(Result<void>)> done;
  };

  MemoryTable& table(const ports::Schema& schema);
  Result<void> step(std::string_view name);
  Result<void> run(const ports::Work& work, std::vector<Undo>* changes);
  void take_back(const std::vector<Undo>& changes);
  void keep_unflushed(std::size_t writes);

  mutable std::recursive_mutex mutex_;
  bool running_ = false;
  Faults faults_;
  std::size_t writes_ = 0;
  std::map<std::string, MemoryTable, std::less<>> tables_;
  std::deque<std::vector<Undo>> unflushed_;  ///< one per write, oldest first
  std::vector<HeldFlush> held_;
  std::optional<Error> loss_;  ///< writes were lost whose flush is still to come
};

}  // namespace holdfast::sim::store

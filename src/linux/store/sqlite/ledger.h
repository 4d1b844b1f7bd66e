// Which batch of writes is how far, and who waits for it: bookkeeping only, no threads, no SQLite.
// A batch is open, then committed (in the WAL, where other connections see it) and then synced (on disk), or lost. Each
// flush is answered exactly once: when its batch is synced, or with why that batch is not. A thread whose transactions
// were part of a lost batch and that has not flushed since is told at its next flush.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <thread>
#include <unordered_set>
#include <vector>

#include "base/result.h"

namespace holdfast::linux::store::sqlite {

using Done = std::function<void(Result<void>)>;

/// An answer that is to be given once no lock is held.
struct Answer {
  Done done;
  Result<void> result;
};
using Answers = std::vector<Answer>;

void give(const Answers& answers);
void append(Answers& answers, Answers more);

class Ledger {
 public:
  using Batch = std::uint64_t;

  /// A transaction of this thread saw or changed the open batch.
  void took_part(std::thread::id thread) { participants_.insert(thread); }
  void wrote() { dirty_ = true; }
  bool dirty() const { return dirty_; }  ///< the open batch has writes

  /// Asks for everything so far to be synced; answered in the returned list or later.
  Answers flush(std::thread::id thread, Done done);

  Batch committed();                 ///< the open batch is; the next begins
  Answers lost(const Error& error);  ///< the open batch is; the next begins
  Answers synced(Batch batch);       ///< this batch and all before
  Answers fail_all(const Error& error);

  std::size_t waiting() const { return waiting_.size(); }
  Batch last_committed() const { return last_committed_; }
  bool all_synced() const { return synced_ == last_committed_; }

 private:
  struct Waiting {
    Batch batch;
    Done done;
  };

  Batch open_ = 1;
  Batch last_committed_ = 0;
  Batch synced_ = 0;
  bool dirty_ = false;
  std::deque<Waiting> waiting_;  ///< ascending batches
  std::unordered_set<std::thread::id> participants_;
  std::unordered_set<std::thread::id> losers_;
  std::optional<Error> loss_;
};

}  // namespace holdfast::linux::store::sqlite

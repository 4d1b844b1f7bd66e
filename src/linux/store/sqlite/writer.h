// The one connection that writes, shared by all threads, and the thread that commits for them.
// A write runs inside the open batch; many batches' worth of threads write while the last commit is synced, so one
// fsync acknowledges all of them. Nobody is told of a write before the fsync that began after its commit.
// When a commit fails, the batch is gone and everybody who took part in it learns so at their flush. When a sync fails,
// the writer stops for good: what the disk holds is unknown until the file is opened anew.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/time.h"
#include "linux/store/sqlite/connection.h"
#include "linux/store/sqlite/files.h"
#include "linux/store/sqlite/ledger.h"

namespace holdfast::linux::store::sqlite {

class ReadTransaction;

class Writer {
 public:
  struct Options {
    Duration commit_after;                             ///< what nobody flushes is committed, not synced, after this
    std::function<void(std::size_t pages)> on_commit;  ///< told the size of the WAL; must not call back
  };

  Writer(std::unique_ptr<Connection> connection, std::unique_ptr<WalFile> wal, Options options);
  ~Writer();  ///< commits, syncs and answers who waits

  Result<void> write(const ports::Work& work);
  void flush(Done done);

  /// Whether reads must ask here: returned writes are not visible to other connections yet, or nothing works any more.
  bool must_read_here() const { return uncommitted_.load(std::memory_order_acquire) || is_stopped_; }
  /// Runs a short read where it sees them. Nothing when it turned out long, or there are none: then every returned
  /// write is committed.
  std::optional<Result<void>> read_uncommitted(const ports::Work& work);

  /// With everything committed and no write running.
  Result<void> between_writes(const std::function<Result<void>()>& work);
  /// From now on everything fails with this.
  void stop(const Error& error);

  std::uint64_t commits() const { return commits_; }
  std::uint64_t syncs() const { return syncs_; }
  std::uint64_t acknowledged() const { return acknowledged_; }

 private:
  using Lock = std::unique_lock<std::mutex>;

  Lock enter();
  Result<void> run(ReadTransaction& transaction, const ports::Work& work);
  Result<void> write_in_batch(const ports::Work& work, Answers& answers);
  Answers commit();
  Answers lose(const Error& error);
  void stop_here(const Error& error);
  void set_uncommitted();

  void keep_committing();
  void wait_for_work(Lock& lock);
  void gather(Lock& lock);
  Answers sync(Lock& lock);

  std::unique_ptr<Connection> connection_;
  std::unique_ptr<WalFile> wal_;
  Options options_;

  std::mutex mutex_;
  std::condition_variable wake_;
  Ledger ledger_;
  std::optional<Error> stopped_;  ///< with is_stopped_
  bool closing_ = false;
  bool idle_ = false;  ///< the thread sleeps until somebody writes
  std::size_t last_acknowledged_ = 0;
  std::atomic<bool> uncommitted_ = false;
  std::atomic<bool> is_stopped_ = false;
  std::atomic<std::thread::id> working_;  ///< who runs a Work here

  std::atomic<std::uint64_t> commits_ = 0;
  std::atomic<std::uint64_t> syncs_ = 0;
  std::atomic<std::uint64_t> acknowledged_ = 0;
  std::thread thread_;
};

}  // namespace holdfast::linux::store::sqlite

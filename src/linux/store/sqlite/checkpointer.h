// Moves the WAL's pages into the database file, on a thread and a connection of its own, so that no commit waits for
// it. The bulk is copied while writers go on; the rest between two writes, after which the WAL begins anew. Both files
// are synced in SQLite's order (the WAL first), so what was acknowledged stays on disk throughout.
#pragma once

#include "linux/store/sqlite/writer.h"

namespace holdfast::linux::store::sqlite {

class Checkpointer {
 public:
  Checkpointer(std::unique_ptr<Connection> connection, std::size_t every_pages);
  ~Checkpointer() { stop(); }

  /// Begins; `writer` must outlive this.
  void start(Writer& writer);
  void stop();
  /// Told the size of the WAL after each commit.
  void wal_has(std::size_t pages);
  std::uint64_t checkpoints() const { return checkpoints_; }

 private:
  void keep_checkpointing(Writer& writer);
  Result<void> checkpoint(Writer& writer);

  std::unique_ptr<Connection> connection_;
  std::size_t every_pages_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::size_t pages_asked_ = 0;  ///< size of the WAL when a checkpoint was last asked for
  bool asked_ = false;
  bool closing_ = false;
  std::atomic<std::uint64_t> checkpoints_ = 0;
  std::thread thread_;
};

}  // namespace holdfast::linux::store::sqlite

#include "linux/store/sqlite/checkpointer.h"

namespace holdfast::linux::store::sqlite {

Checkpointer::Checkpointer(std::unique_ptr<Connection> connection, std::size_t every_pages)
    : connection_(std::move(connection)), every_pages_(every_pages) {}

void Checkpointer::stop() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::start(Writer& writer) {
  thread_ = std::thread([this, &writer] { keep_checkpointing(writer); });
}

void Checkpointer::wal_has(std::size_t pages) {
  const std::scoped_lock lock(mutex_);
  if (pages < pages_asked_) pages_asked_ = 0;
  // A reader may keep the WAL from beginning anew: ask again only when it has grown as much again.
  if (pages - pages_asked_ < every_pages_) return;
  pages_asked_ = pages;
  asked_ = true;
  wake_.notify_one();
}

void Checkpointer::keep_checkpointing(Writer& writer) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return asked_ || closing_; });
      if (closing_) return;
      asked_ = false;
    }
    const Result<void> done = checkpoint(writer);
    // SQLite would try again and believe a sync that says yes after one that failed.
    if (!done && done.error().reason == kStoreDiskFailed) writer.stop(done.error());
  }
}

Result<void> Checkpointer::checkpoint(Writer& writer) {
  ++checkpoints_;
  TRY(connection_->checkpoint());
  // A writer begins the WAL anew only if nothing in it is left to copy when its transaction begins.
  return writer.between_writes([&] { return connection_->checkpoint(); });
}

}  // namespace holdfast::linux::store::sqlite

#include "linux/store/sqlite/writer.h"

#include "base/check.h"
#include "linux/store/sqlite/transaction.h"

namespace holdfast::linux::store::sqlite {
namespace {

/// A read that does more than this moves to a connection of its own, so that writers do not wait for it.
constexpr std::size_t kShortReadSteps = 64;

/// While flushes keep arriving, an fsync is worth putting off; a pause this long, this many or this much time ends it.
constexpr std::chrono::microseconds kGatherPause(2'000);
constexpr std::chrono::microseconds kGatherTimeMax(10'000);
constexpr std::size_t kGatherFlushesMax = 256;

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, std::unique_ptr<WalFile> wal, Options options)
    : connection_(std::move(connection)), wal_(std::move(wal)), options_(std::move(options)) {
  thread_ = std::thread([this] { keep_committing(); });
}

Writer::~Writer() {
  {
    const Lock lock = enter();
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Writer::Lock Writer::enter() {
  CHECK_INVARIANT(working_.load(std::memory_order_relaxed) != std::this_thread::get_id());  // a Work called its store
  return Lock(mutex_);
}

Result<void> Writer::run(ReadTransaction& transaction, const ports::Work& work) {
  working_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  Result<void> result = transaction.run(work);
  working_.store(std::thread::id(), std::memory_order_relaxed);
  return result;
}

void Writer::set_uncommitted() {
  if (uncommitted_) return;
  uncommitted_.store(true, std::memory_order_release);
  if (idle_) wake_.notify_one();
}

Result<void> Writer::write_in_batch(const ports::Work& work, Answers& answers) {
  if (stopped_) return std::unexpected(*stopped_);
  if (!uncommitted_) TRY(connection_->act(Action::Begin));
  ledger_.took_part(std::this_thread::get_id());
  WriteTransaction transaction(*connection_);
  const Result<void> result = run(transaction, work);
  if (result && transaction.changed()) {
    ledger_.wrote();
    set_uncommitted();
    return {};
  }
  const Result<void> undone = transaction.take_back();
  // SQLite itself ends a transaction after some errors: then the whole batch is gone with this write.
  if (!undone || !connection_->in_transaction()) {
    answers = lose(undone ? result.error() : undone.error());
  } else if (!uncommitted_) {
    TRY(connection_->act(Action::Rollback));
  }
  return result;
}

Result<void> Writer::write(const ports::Work& work) {
  Answers answers;
  Lock lock = enter();
  const Result<void> result = write_in_batch(work, answers);
  lock.unlock();
  give(answers);
  return result;
}

std::optional<Result<void>> Writer::read_uncommitted(const ports::Work& work) {
  Answers answers;
  Lock lock = enter();
  if (stopped_) return std::unexpected(*stopped_);
  if (!uncommitted_) return std::nullopt;
  ledger_.took_part(std::this_thread::get_id());
  ReadTransaction transaction(*connection_, kShortReadSteps);
  std::optional<Result<void>> result = run(transaction, work);
  if (transaction.outgrown()) {
    result.reset();
    answers = commit();
  } else if (!connection_->in_transaction()) {
    answers = lose(result->error());
  }
  lock.unlock();
  give(answers);
  return result;
}

void Writer::flush(Done done) {
  Lock lock = enter();
  if (stopped_) {
    const Result<void> answer = std::unexpected(*stopped_);
    lock.unlock();
    return done(answer);
  }
  const Answers answers = ledger_.flush(std::this_thread::get_id(), std::move(done));
  const std::size_t waiting = ledger_.waiting();
  lock.unlock();
  if (waiting == 1 || waiting == kGatherFlushesMax) wake_.notify_one();
  give(answers);
}

Answers Writer::commit() {
  if (!uncommitted_) return {};
  if (const auto committed = connection_->act(Action::Commit); !committed) {
    if (committed.error().reason == kStoreDiskFailed) stop_here(committed.error());
    return lose(committed.error());
  }
  ledger_.committed();
  uncommitted_.store(false, std::memory_order_release);
  ++commits_;
  if (options_.on_commit) options_.on_commit(connection_->wal_pages());
  return {};
}

Answers Writer::lose(const Error& error) {
  if (connection_->in_transaction()) {
    if (const auto undone = connection_->act(Action::Rollback); !undone) stop_here(undone.error());
  }
  uncommitted_.store(false, std::memory_order_release);
  return ledger_.lost(error);
}

Result<void> Writer::between_writes(const std::function<Result<void>()>& work) {
  Lock lock = enter();
  if (stopped_) return std::unexpected(*stopped_);
  const Answers answers = commit();
  const Result<void> result = work();
  lock.unlock();
  give(answers);
  return result;
}

void Writer::stop(const Error& error) {
  Lock lock = enter();
  stop_here(error);
  const Answers answers = ledger_.fail_all(error);
  lock.unlock();
  give(answers);
}

void Writer::stop_here(const Error& error) {
  stopped_ = error;
  is_stopped_ = true;
}

void Writer::keep_committing() {
  Lock lock(mutex_);
  while (true) {
    wait_for_work(lock);
    gather(lock);
    Answers answers = commit();
    append(answers, sync(lock));
    const bool over = closing_ && !uncommitted_ && ledger_.waiting() == 0;
    lock.unlock();
    give(answers);
    if (over) return;
    lock.lock();
  }
}

/// Returns when somebody waits for a flush, when a write has waited for one in vain, or when it is time to close.
void Writer::wait_for_work(Lock& lock) {
  const auto wanted = [this] { return closing_ || ledger_.waiting() > 0; };
  while (!wake_.wait_for(lock, options_.commit_after, wanted)) {
    if (uncommitted_) return;
    idle_ = true;
    wake_.wait(lock, [&] { return wanted() || uncommitted_; });
    idle_ = false;
  }
}

/// Lets more flushes arrive, unless the last one was alone and this one is too.
void Writer::gather(Lock& lock) {
  if (ledger_.waiting() <= 1 && last_acknowledged_ <= 1) return;
  const auto full = [this] { return closing_ || ledger_.waiting() >= kGatherFlushesMax; };
  const auto until = std::chrono::steady_clock::now() + kGatherTimeMax;
  for (std::size_t seen = 0; ledger_.waiting() > seen && std::chrono::steady_clock::now() < until;) {
    seen = ledger_.waiting();
    if (wake_.wait_for(lock, kGatherPause, full)) return;
  }
}

/// Puts every committed batch on disk, if somebody waits for that; the lock is free meanwhile.
Answers Writer::sync(Lock& lock) {
  if (stopped_) return ledger_.fail_all(*stopped_);
  if (ledger_.all_synced() || (ledger_.waiting() == 0 && !closing_)) return {};
  const Ledger::Batch batch = ledger_.last_committed();
  lock.unlock();
  const Result<void> synced = wal_->sync();
  lock.lock();
  if (!synced) stop_here(synced.error());
  if (stopped_) return ledger_.fail_all(*stopped_);
  ++syncs_;
  Answers answers = ledger_.synced(batch);
  last_acknowledged_ = answers.size();
  acknowledged_ += answers.size();
  return answers;
}

}  // namespace holdfast::linux::store::sqlite

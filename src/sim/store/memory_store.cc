#include "sim/store/memory_store.h"

#include <ranges>

#include "base/check.h"
#include "sim/store/memory_transaction.h"

namespace holdfast::sim::store {

MemoryTable& MemoryStore::table(const ports::Schema& schema) {
  return tables_.try_emplace(std::string(schema.table), schema).first->second;
}

Result<void> MemoryStore::step(std::string_view name) {
  CHECK_INVARIANT(!running_);  // a Work may not call its store
  return faults_.before_each_step ? faults_.before_each_step(name) : Result<void>();
}

Result<void> MemoryStore::run(const ports::Work& work, std::vector<Undo>* changes) {
  MemoryTransaction transaction(*this, changes);
  running_ = true;
  Result<void> result = work(transaction);
  running_ = false;
  if (transaction.ended()) result = std::unexpected(*transaction.ended());
  return result;
}

void MemoryStore::take_back(const std::vector<Undo>& changes) {
  for (const Undo& undo : std::views::reverse(changes)) {
    if (undo.before) {
      table(*undo.schema).put(*undo.before);
    } else {
      table(*undo.schema).remove(undo.key);
    }
  }
}

void MemoryStore::keep_unflushed(std::size_t writes) {
  while (unflushed_.size() > writes) {
    take_back(unflushed_.back());
    unflushed_.pop_back();
  }
}

Result<void> MemoryStore::write(const ports::Work& work) {
  const std::scoped_lock lock(mutex_);
  TRY(step("write"));
  std::vector<Undo> changes;
  ++writes_;
  if (faults_.rerun_every != 0 && writes_ % faults_.rerun_every == 0) {
    [[maybe_unused]] const auto ignored = run(work, &changes);
    take_back(changes);
    changes.clear();
  }
  if (const auto result = run(work, &changes); !result) {
    take_back(changes);
    return result;
  }
  if (!changes.empty()) unflushed_.push_back(std::move(changes));
  return step("written");
}

Result<void> MemoryStore::read(const ports::Work& work) {
  const std::scoped_lock lock(mutex_);
  TRY(step("read"));
  return run(work, nullptr);
}

void MemoryStore::flush(std::function<void(Result<void>)> done) {
  std::unique_lock lock(mutex_);
  Result<void> result = step("flush");
  if (result && loss_) result = std::unexpected(*std::exchange(loss_, {}));
  if (result && faults_.hold_flushes) {
    held_.push_back({unflushed_.size(), std::move(done)});
    return;
  }
  if (result) {
    unflushed_.clear();
    for (HeldFlush& held : held_) held.writes = 0;
    result = step("flushed");
  }
  lock.unlock();
  done(std::move(result));
}

void MemoryStore::set_faults(Faults faults) {
  const std::scoped_lock lock(mutex_);
  faults_ = std::move(faults);
}

std::size_t MemoryStore::complete_flushes() {
  std::unique_lock lock(mutex_);
  std::vector<HeldFlush> held = std::exchange(held_, {});
  if (held.empty()) return 0;
  const auto durable = static_cast<std::ptrdiff_t>(held.back().writes);
  unflushed_.erase(unflushed_.begin(), unflushed_.begin() + durable);
  const Result<void> result = step("flushed");
  lock.unlock();
  for (const HeldFlush& flush : held) flush.done(result);
  return held.size();
}

void MemoryStore::crash(std::size_t writes_kept) {
  const std::scoped_lock lock(mutex_);
  keep_unflushed(writes_kept);
  unflushed_.clear();
  held_.clear();
  loss_.reset();
}

void MemoryStore::lose_unflushed(const Error& error) {
  std::unique_lock lock(mutex_);
  const std::vector<HeldFlush> held = std::exchange(held_, {});
  if (unflushed_.size() > (held.empty() ? 0 : held.back().writes)) loss_ = error;
  keep_unflushed(0);
  lock.unlock();
  for (const HeldFlush& flush : held) flush.done(std::unexpected(error));
}

std::size_t MemoryStore::unflushed_writes() const {
  const std::scoped_lock lock(mutex_);
  return unflushed_.size();
}

}  // namespace holdfast::sim::store

#include "linux/store/sqlite/ledger.h"

#include <iterator>

namespace holdfast::linux::store::sqlite {

void give(const Answers& answers) {
  for (const Answer& answer : answers) answer.done(answer.result);
}

void append(Answers& answers, Answers more) {
  answers.insert(answers.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

Answers Ledger::flush(std::thread::id thread, Done done) {
  participants_.erase(thread);
  Answers out;
  const Batch batch = dirty_ ? open_ : last_committed_;
  if (losers_.erase(thread) != 0) {
    out.push_back({std::move(done), std::unexpected(*loss_)});
  } else if (batch <= synced_) {
    out.push_back({std::move(done), {}});
  } else {
    waiting_.push_back({batch, std::move(done)});
  }
  return out;
}

Ledger::Batch Ledger::committed() {
  participants_.clear();
  dirty_ = false;
  last_committed_ = open_++;
  return last_committed_;
}

Answers Ledger::lost(const Error& error) {
  losers_.merge(participants_);
  participants_.clear();
  loss_ = error;
  dirty_ = false;
  Answers out;
  while (!waiting_.empty() && waiting_.back().batch == open_) {
    out.push_back({std::move(waiting_.back().done), std::unexpected(error)});
    waiting_.pop_back();
  }
  ++open_;
  return out;
}

Answers Ledger::synced(Batch batch) {
  synced_ = batch;
  Answers out;
  while (!waiting_.empty() && waiting_.front().batch <= batch) {
    out.push_back({std::move(waiting_.front().done), {}});
    waiting_.pop_front();
  }
  return out;
}

Answers Ledger::fail_all(const Error& error) {
  Answers out;
  for (Waiting& waiting : waiting_) out.push_back({std::move(waiting.done), std::unexpected(error)});
  waiting_.clear();
  return out;
}

}  // namespace holdfast::linux::store::sqlite

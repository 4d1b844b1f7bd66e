// The store as one request sees it: every transaction says which work it belongs to.
#pragma once

#include "ports/store/store.h"

namespace holdfast::service::gateway {

class TracedStore final : public ports::Store {
 public:
  TracedStore(ports::Store& store, const std::string& trace) : store_(store), trace_(trace) {}

  Result<void> write(const ports::Work& work) override { return store_.write(traced(work)); }
  Result<void> read(const ports::Work& work) override { return store_.read(traced(work)); }
  void flush(std::function<void(Result<void>)> done) override { store_.flush(std::move(done)); }
  void forget_past() override { store_.forget_past(); }

 private:
  ports::Work traced(const ports::Work& work) const {
    return [this, &work](ports::Transaction& tx) {
      tx.set_trace(trace_);
      return work(tx);
    };
  }

  ports::Store& store_;
  const std::string& trace_;
};

}  // namespace holdfast::service::gateway

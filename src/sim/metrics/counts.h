// Metrics that a test can read.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "ports/metrics.h"

namespace holdfast::sim::metrics {

class Counts final : public ports::Metrics {
 public:
  void count(const ports::Counter& counter, std::string_view first, std::string_view second = {}) override {
    const std::lock_guard lock(mutex_);
    ++counts_[std::string(counter.name)][{std::string(first), std::string(second)}];
  }
  std::string text() override { return "counts\n"; }

  int of(std::string_view name, std::string_view first, std::string_view second = {}) {
    const std::lock_guard lock(mutex_);
    return counts_[std::string(name)][{std::string(first), std::string(second)}];
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::map<std::pair<std::string, std::string>, int>> counts_;
};

}  // namespace holdfast::sim::metrics

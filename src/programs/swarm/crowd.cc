#include "programs/swarm/crowd.h"

#include <algorithm>

namespace holdfast::programs::swarm {
namespace {

constexpr Duration kAfterDiskFailure = seconds(10);
constexpr Duration kWhileStepping{20};

}  // namespace

Crowd::Crowd(ports::Clock& clock, std::vector<std::unique_ptr<Device>> devices, unsigned threads)
    : clock_(clock), devices_(std::move(devices)), reboots_(devices_.size()), stepping_(devices_.size()) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { keep_stepping(); });
}

Crowd::~Crowd() { stop(); }

void Crowd::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Crowd::expect(std::size_t device, Instant at) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push({at, device, round_});
  }
  wake_.notify_one();
}

void Crowd::expect_again(const Due& due, Instant at) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push({at, due.device, due.round});
  }
  wake_.notify_one();
}

void Crowd::reboot_all() {
  {
    const std::lock_guard lock(mutex_);
    ++round_;
    const Instant now = clock_.now();
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      reboots_[i] = true;
      queue_.push({now, i, round_});
    }
  }
  wake_.notify_all();
}

std::optional<Crowd::Due> Crowd::take() {
  std::unique_lock lock(mutex_);
  while (!is_over_) {
    if (queue_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const Duration left = queue_.top().at - clock_.now();
    if (left <= Duration::zero()) {
      const Due due = queue_.top();
      queue_.pop();
      if (due.round == round_) return due;
      continue;
    }
    wake_.wait_for(lock, left);
  }
  return std::nullopt;
}

void Crowd::keep_stepping() {
  while (const auto due = take()) step(*due);
}

/// A step of the round before may still be under way.
void Crowd::step(const Due& due) {
  if (stepping_[due.device].exchange(true)) return expect_again(due, clock_.now() + kWhileStepping);
  Device& device = *devices_[due.device];
  if (reboots_[due.device].exchange(false)) device.reboot();
  lateness_ms_.store((clock_.now() - due.at).count(), std::memory_order_relaxed);
  const bool was_healthy = device.is_healthy();
  const auto next = device.step();
  if (!was_healthy && device.is_healthy()) ++healthy_;
  ++steps_;
  stepping_[due.device] = false;
  expect_again(due, next ? *next : clock_.now() + kAfterDiskFailure);
}

}  // namespace holdfast::programs::swarm

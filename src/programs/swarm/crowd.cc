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
  sooner_.notify_all();
  next_watch_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Crowd::expect(std::size_t device, Instant at) {
  const std::lock_guard lock(mutex_);
  push({at, device, round_});
}

void Crowd::expect_again(const Due& due, Instant at) {
  const std::lock_guard lock(mutex_);
  push({at, due.device, due.round});
}

void Crowd::reboot_all() {
  const std::lock_guard lock(mutex_);
  ++round_;
  const Instant now = clock_.now();
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    reboots_[i] = true;
    queue_.push({now, i, round_});
  }
  sooner_.notify_one();
}

void Crowd::push(const Due& due) {
  const bool is_sooner = queue_.empty() || due.at < queue_.top().at;
  queue_.push(due);
  if (is_sooner) sooner_.notify_one();
}

/// One idle thread watches the time for all; whoever leaves the watch for a step hands it on.
std::optional<Crowd::Due> Crowd::take() {
  std::unique_lock lock(mutex_);
  while (!is_over_) {
    if (is_watched_) {
      next_watch_.wait(lock);
      continue;
    }
    if (queue_.empty() || queue_.top().at > clock_.now()) {
      watch(lock);
      continue;
    }
    const Due due = queue_.top();
    queue_.pop();
    if (due.round != round_) continue;
    next_watch_.notify_one();
    return due;
  }
  return std::nullopt;
}

void Crowd::watch(std::unique_lock<std::mutex>& lock) {
  is_watched_ = true;
  if (queue_.empty()) {
    sooner_.wait(lock);
  } else {
    sooner_.wait_for(lock, queue_.top().at - clock_.now());
  }
  is_watched_ = false;
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

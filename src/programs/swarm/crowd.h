// Steps many devices, each at the time that it asked for, on a few threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "programs/swarm/device.h"

namespace holdfast::programs::swarm {

class Crowd {
 public:
  Crowd(ports::Clock& clock, std::vector<std::unique_ptr<Device>> devices, unsigned threads);
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd();
  /// Lets the steps that are under way end; from then on its devices are the caller's.
  void stop();

  /// The device's next step is due then; until the first call it rests.
  void expect(std::size_t device, Instant at);
  /// Each boots anew at its next step, which is due now.
  void reboot_all();
  std::size_t size() const { return devices_.size(); }
  Device& device(std::size_t index) { return *devices_[index]; }

  /// How often a device became healthy, counted once per boot.
  std::size_t healthy() const { return healthy_; }
  /// How late the newest steps began: the swarm itself is saturated where this grows.
  Duration lateness() const { return Duration(lateness_ms_); }
  std::uint64_t steps() const { return steps_; }

 private:
  struct Due {
    Instant at;
    std::size_t device;
    std::uint64_t round;  ///< of reboot_all(): an older one was replaced
    bool operator>(const Due& other) const { return at > other.at; }
  };

  void keep_stepping();
  std::optional<Due> take();
  void watch(std::unique_lock<std::mutex>& lock);
  void push(const Due& due);
  void expect_again(const Due& due, Instant at);
  void step(const Due& due);

  ports::Clock& clock_;
  std::vector<std::unique_ptr<Device>> devices_;
  std::vector<std::atomic<bool>> reboots_;
  std::vector<std::atomic<bool>> stepping_;
  std::mutex mutex_;
  std::condition_variable next_watch_;  ///< for the threads that have nothing to do
  std::condition_variable sooner_;      ///< for the one of them that watches the time
  bool is_watched_ = false;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> queue_;
  std::uint64_t round_ = 0;
  bool is_over_ = false;
  std::atomic<std::size_t> healthy_ = 0;
  std::atomic<std::int64_t> lateness_ms_ = 0;
  std::atomic<std::uint64_t> steps_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace holdfast::programs::swarm

// Devices in software that a real holdfastd knows: each claimed, attested and healthy, with keys and an address of its
// own, and all at once under way when something is measured.
#pragma once

#include <atomic>
#include <barrier>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "bench/rows.h"
#include "bench/servers.h"
#include "linux/system/random.h"
#include "programs/swarm/device.h"

namespace holdfast::bench {

class Fleet {
 public:
  /// kAtOnce devices, made once and shared by all rows.
  static Result<std::shared_ptr<Fleet>> get();
  ~Fleet();

  using Work = std::function<void(std::size_t number)>;
  /// Every device's thread does `work` once, all of them at the same time; returns when the last has.
  void all(const Work& work);
  programs::swarm::Device& device(std::size_t number) { return *devices_[number]; }
  const std::shared_ptr<Servers>& servers() const { return servers_; }

 private:
  Fleet() = default;
  Result<void> start();
  void keep_working(std::size_t number);

  std::shared_ptr<Servers> servers_;
  linux::system::SystemRandom random_;
  programs::swarm::SharedBoot boot_ = programs::swarm::shared_boot();
  programs::swarm::Measurements measurements_;
  std::vector<std::unique_ptr<programs::swarm::Device>> devices_;
  std::barrier<> turns_{static_cast<std::ptrdiff_t>(kAtOnce + 1)};
  const Work* work_ = nullptr;  ///< null: over
  std::vector<std::thread> threads_;
};

}  // namespace holdfast::bench

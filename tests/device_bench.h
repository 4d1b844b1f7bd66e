// One device on a bench: the real agent over a memory disk, a soft vault and a scripted service, all behind one power
// switch, on virtual time that goes from step to step. The device's clock and the service's run side by side and may be
// set apart.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "device/agent.h"
#include "sim/clock/virtual_clock.h"
#include "sim/disk/memory_disk.h"
#include "sim/fault/ports.h"
#include "sim/net/scripted_net.h"
#include "sim/random/seeded_random.h"
#include "sim/service/scripted_service.h"
#include "sim/vault/soft_vault.h"

namespace holdfast::tests {

class FixedBoot final : public ports::Boot {
 public:
  Result<ports::BootFacts> facts() override { return now; }
  ports::BootFacts now{.event_log = {1, 2, 3}, .boot_count = 1, .running = {{"os", "1.0", 1}}};
};

class DeviceBench {
 public:
  explicit DeviceBench(std::uint64_t seed = 1)
      : random(seed),
        service_random(random.fork("service")),
        device_clock(WallTime::from_seconds(1'795'000'000)),
        service_clock(device_clock),
        service(service_random, service_clock) {
    service.answer_on(net);
    swap_chip();
    restart_agent();
  }

  device::Agent& agent() { return *agent_; }
  device::record::Trouble trouble() {
    const auto& record = agent().records().get<device::record::Trouble>();
    return record ? *record : device::record::Trouble{};
  }

  /// One step; then time goes on to when the next one is due.
  Result<void> step() {
    const Instant now = uptime();
    const auto next = agent_->step(now, device_clock.wall_time());
    if (!next) return std::unexpected(next.error());
    pass(*next - now);
    return {};
  }
  void pass(Duration time) {
    device_clock.advance(time);
    service_clock.advance(time);
  }

  /// Steps while they are due within `time`, then lets the rest of it pass.
  void run(Duration time) {
    const Instant end = device_clock.now() + time;
    for (int steps = 0; device_clock.now() < end; ++steps) {
      REQUIRE(steps < kStepsMax);
      const auto next = agent_->step(uptime(), device_clock.wall_time());
      REQUIRE(next);
      pass(std::min(*next - uptime(), end - device_clock.now()));
    }
  }
  bool run_until_checked_in() {
    for (int steps = 0; steps < kStepsMax && !agent().has_checked_in(); ++steps) {
      if (!step()) return false;
    }
    return agent().has_checked_in();
  }

  /// The process starts anew.
  void restart_agent() {
    agent_ = std::make_unique<device::Agent>(device::Ports{disk_port, net_port, *vault_port_, boot_port, random});
  }
  /// The machine starts anew.
  void reboot() {
    faults.restart();
    vault->reset();
    ++boot.now.boot_count;
    booted_ = device_clock.now();
    restart_agent();
  }
  /// Another machine from the next reboot on, with the same disk.
  void swap_chip() {
    chip_random_.push_back(
        std::make_unique<sim::random::SeededRandom>(random.fork(std::to_string(chip_random_.size()))));
    auto made = sim::vault::SoftVault::make(*chip_random_.back(), device_clock);
    REQUIRE(made);
    agent_.reset();
    vault = *std::move(made);
    vault_port_ = std::make_unique<sim::fault::FaultyVault>(faults, *vault);
  }

  sim::random::SeededRandom random;
  sim::random::SeededRandom service_random;
  sim::clock::VirtualClock device_clock;
  sim::clock::VirtualClock service_clock;
  sim::net::ScriptedNet net;
  sim::service::ScriptedService service;
  sim::disk::MemoryDisk disk;
  FixedBoot boot;
  sim::fault::Faults faults;
  sim::fault::FaultyDisk disk_port{faults, disk};
  sim::fault::FaultyNet net_port{faults, net};
  sim::fault::FaultyBoot boot_port{faults, boot};
  std::unique_ptr<sim::vault::SoftVault> vault;

 private:
  static constexpr int kStepsMax = 500;

  Instant uptime() { return {device_clock.now().ms - booted_.ms}; }

  std::vector<std::unique_ptr<sim::random::SeededRandom>> chip_random_;
  std::unique_ptr<sim::fault::FaultyVault> vault_port_;
  std::unique_ptr<device::Agent> agent_;
  Instant booted_;
};

}  // namespace holdfast::tests

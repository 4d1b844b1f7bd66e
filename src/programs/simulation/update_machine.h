// One device that takes updates: the real agent on a disk, slots and a floor in memory, all behind one power switch,
// with a scripted service that releases and directs for real. Images say who they are, so that what runs is known
// without asking the agent. Its state can be put back to where it was, so that one world plays many schedules.
#pragma once

#include <memory>

#include "device/agent.h"
#include "sim/clock/virtual_clock.h"
#include "sim/disk/memory_disk.h"
#include "sim/fault/ports.h"
#include "sim/net/scripted_net.h"
#include "sim/random/seeded_random.h"
#include "sim/service/scripted_service.h"
#include "sim/slots/memory_slots.h"
#include "sim/vault/soft_vault.h"

namespace holdfast::programs::simulation {

/// An image as this world knows it.
struct KnownImage {
  std::string version;
  std::int64_t security_version = 0;
  bool comes_up = true;
  bool is_healthy = true;   ///< what the service finds when it runs
  bool has_network = true;  ///< whether it reaches the service
  bool crashes = false;     ///< settings: the application that reads them does, at every step
};

class UpdateMachine {
 public:
  static constexpr std::string_view kHardware = "board";

  /// `component` restarts in place, or needs a boot; it runs `first` at the beginning. With an application it is the
  /// settings of that, and none at the beginning where `first` has no version.
  UpdateMachine(std::uint64_t seed, std::string component, bool needs_boot, const KnownImage& first,
                std::string application = {});
  ~UpdateMachine();

  /// Bytes of an image: some that it shares with every other one, some of its own; or a document of settings.
  Blob image(const KnownImage& known, std::size_t bytes = kImageBytes) const;
  using Deltas = std::vector<sim::service::ScriptedReleases::Delta>;
  using Change = std::function<void(trust::update::Image&)>;
  /// Releases it, described as this device wants it or as `change` says, and returns its path.
  std::string release(const KnownImage& known, Bytes content, const Deltas& deltas = {}, const Change& change = {});
  void direct(const std::vector<std::string>& paths);

  /// One step, then time goes on to when the next is due, at most `most`; a boot where the agent or a cut calls for
  /// one.
  Result<void> step(Duration most);
  /// Until `done` or the time is over, which is an Error.
  Result<void> run_until(const std::function<bool()>& done, Duration time);
  void power_cycle(bool loses_power);

  /// What runs, by its bytes; nothing where no image of this world does.
  const KnownImage* running() const;

  /// All that a power cut leaves, and what chance has in store.
  struct Kept {
    sim::disk::MemoryDisk disk;
    sim::slots::MemorySlots slots;
    sim::slots::MemoryFloor floor;
    sim::random::SeededRandom random;
    sim::random::SeededRandom slots_random;
  };
  Kept keep() const { return {disk_, slots_, floor_, random_, slots_random_}; }
  /// The clock on the wall goes back with it.
  void put_back(const Kept& kept, WallTime wall);

  device::Agent& agent() { return *agent_; }
  sim::service::ScriptedService& service() { return service_; }
  sim::slots::MemorySlots& slots() { return slots_; }
  sim::slots::MemoryFloor& floor() { return floor_; }
  sim::fault::Faults& faults() { return faults_; }
  sim::clock::VirtualClock& clock() { return clock_; }
  const std::string& component() const { return component_; }
  const std::string& device() const { return device_; }
  int boots() const { return boots_; }

  bool service_is_away = false;
  bool tears_writes = true;
  Duration wall_is_off{};  ///< of the device's clock alone
  device::update::Settings settings;
  ports::Medium* medium = nullptr;  ///< what is carried to it, from the next start on

  static constexpr std::size_t kImageBytes = 256 * 1024 + 3000;
  static constexpr std::int64_t kCapacity = 512 * 1024;

 private:
  class Facts;
  class Way;

  void start_agent();

  std::string component_;
  bool needs_boot_;
  std::string application_;  ///< empty: the component is no settings
  sim::random::SeededRandom random_;
  sim::random::SeededRandom service_random_;
  sim::clock::VirtualClock clock_;
  sim::service::ScriptedService service_;
  sim::net::ScriptedNet net_;
  sim::disk::MemoryDisk disk_;
  sim::random::SeededRandom slots_random_;
  sim::slots::MemorySlots slots_;
  sim::slots::MemoryFloor floor_;
  std::unique_ptr<sim::vault::SoftVault> vault_;
  std::unique_ptr<Facts> facts_;
  std::unique_ptr<Way> way_;
  sim::fault::Faults faults_;
  sim::fault::FaultyDisk disk_port_{faults_, disk_};
  sim::fault::FaultySlots slots_port_{faults_, slots_};
  sim::fault::FaultyFloor floor_port_{faults_, floor_};
  std::unique_ptr<sim::fault::FaultyNet> net_port_;
  std::unique_ptr<sim::fault::FaultyBoot> boot_port_;
  std::unique_ptr<sim::fault::FaultyVault> vault_port_;
  std::unique_ptr<device::Agent> agent_;
  std::map<Digest256, KnownImage> known_;
  std::string device_;
  int boots_ = 0;
  Instant booted_;
  struct Seen {
    int starts = -1;
    const KnownImage* image = nullptr;
  };
  mutable Seen seen_;  ///< what runs stays what it is until the next start
};

}  // namespace holdfast::programs::simulation

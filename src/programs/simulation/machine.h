// One device of the simulation: the real agent on a disk in memory and a vault in software, measured at each boot, and
// where it takes updates on slots and a floor in memory. Its power can be cut at any call, its disk copied, its TPM
// cleared, its boot tampered with, its clock set wrong.
#pragma once

#include <memory>

#include "device/agent.h"
#include "programs/simulation/image_shelf.h"
#include "programs/simulation/link.h"
#include "sim/disk/memory_disk.h"
#include "sim/fault/ports.h"
#include "sim/slots/memory_slots.h"
#include "sim/vault/soft_vault.h"
#include "trust/appraisal/reference_set.h"

namespace holdfast::programs::simulation {

inline constexpr std::string_view kOs = "os";

/// What a machine that takes updates begins with; the shelf and what lies on it outlive the machine.
struct FirstImages {
  const ImageShelf& shelf;
  const ShelvedImage& os;           ///< of kOs; starts by a boot, and is measured there
  const ShelvedImage& application;  ///< restarts in place
};

class Machine {
 public:
  static constexpr std::string_view kHardware = "board-a";

  /// `first`: what it runs; none: it takes no updates.
  Machine(ServiceHost& host, sim::clock::VirtualClock& clock, sim::random::SeededRandom random,
          const std::optional<FirstImages>& first = {});
  ~Machine();

  /// What an untampered boot of this version of the operating system measures.
  static trust::appraisal::ReferenceSet reference_values(std::string_view version = "1.0",
                                                         std::int64_t security_version = 1);

  /// Power off, in the middle of whatever it did.
  void power_off();
  /// Power on: the vault starts again, the boot is measured, a new agent runs.
  void boot();
  /// One step of the agent. A power cut on the way boots the machine again.
  Instant step();

  /// A ticket file that lies beside the agent from now on, as a technician leaves it.
  void give_ticket(Blob file);
  void set_tampered(bool tampered) { tampered_ = tampered; }
  void jump_wall(Duration by) { wall_offset_ += by; }
  /// What the clock on its wall is ahead of the world's.
  void set_wall(Duration ahead) { wall_offset_ = ahead; }
  void clear_vault() { vault_->clear(); }
  /// Takes over what somebody else's disk holds.
  void copy_disk_from(const Machine& other) { disk_ = other.disk_; }

  bool tampered() const { return tampered_; }
  Digest256 endorsement_sha256() const { return vault_->endorsement_public().key.spki_sha256(); }
  sim::fault::Faults& faults() { return faults_; }
  Link& link() { return *link_; }
  bool is_on() const { return agent_ != nullptr; }
  const device::Agent& agent() const { return *agent_; }
  const sim::disk::MemoryDisk& disk() const { return disk_; }
  const sim::slots::MemoryFloor& floor() const { return floor_; }
  /// Of a machine that takes updates. Nothing: bytes that are no image of this world.
  const ShelvedImage* running(std::string_view component) const;
  /// Whether nothing of a component is armed or being tried.
  bool is_confirmed(std::string_view component);
  std::int64_t boots() const { return boots_; }

 private:
  class MeasuredBoot;

  sim::clock::VirtualClock& clock_;
  sim::random::SeededRandom random_;
  sim::fault::Faults faults_;
  sim::disk::MemoryDisk disk_;
  std::unique_ptr<sim::vault::SoftVault> vault_;
  std::unique_ptr<MeasuredBoot> measured_;
  std::unique_ptr<Link> link_;
  const ImageShelf* shelf_ = nullptr;
  sim::random::SeededRandom slots_random_;
  sim::slots::MemorySlots slots_;
  sim::slots::MemoryFloor floor_;
  sim::fault::FaultyDisk faulty_disk_;
  sim::fault::FaultySlots faulty_slots_;
  sim::fault::FaultyFloor faulty_floor_;
  std::unique_ptr<sim::fault::FaultyNet> faulty_net_;
  std::unique_ptr<sim::fault::FaultyVault> faulty_vault_;
  std::unique_ptr<sim::fault::FaultyBoot> faulty_boot_;
  struct Seen {
    int starts = -1;
    const ShelvedImage* image = nullptr;
  };
  mutable std::map<std::string, Seen, std::less<>> seen_;  ///< what runs stays what it is until the next start
  std::unique_ptr<device::Agent> agent_;
  Instant booted_;
  Duration wall_offset_{};
  bool tampered_ = false;
  std::optional<Blob> ticket_;
  std::int64_t boots_ = 0;
};

}  // namespace holdfast::programs::simulation

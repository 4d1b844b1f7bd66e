// One device of the simulation: the real agent on a disk in memory and a vault in software, measured at each boot. Its
// power can be cut at any call, its disk copied, its TPM cleared, its boot tampered with.
#pragma once

#include <memory>

#include "device/agent.h"
#include "programs/simulation/link.h"
#include "sim/disk/memory_disk.h"
#include "sim/fault/ports.h"
#include "sim/vault/soft_vault.h"
#include "trust/appraisal/reference_set.h"

namespace holdfast::programs::simulation {

class Machine {
 public:
  Machine(ServiceHost& host, sim::clock::VirtualClock& clock, sim::random::SeededRandom random);
  ~Machine();

  /// What an untampered boot measures.
  static trust::appraisal::ReferenceSet reference_values();

  /// Power on: the vault starts again, the boot is measured, a new agent runs.
  void boot();
  /// One step of the agent. A power cut on the way boots the machine again.
  Instant step();

  /// A ticket file that lies beside the agent from now on, as a technician leaves it.
  void give_ticket(Blob file);
  void set_tampered(bool tampered) { tampered_ = tampered; }
  void jump_wall(Duration by) { wall_offset_ += by; }
  void clear_vault() { vault_->clear(); }
  /// Takes over what somebody else's disk holds.
  void copy_disk_from(const Machine& other) { disk_ = other.disk_; }

  bool tampered() const { return tampered_; }
  Digest256 endorsement_sha256() const { return vault_->endorsement_public().key.spki_sha256(); }
  sim::fault::Faults& faults() { return faults_; }
  Link& link() { return *link_; }
  const device::Agent& agent() const { return *agent_; }
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
  sim::fault::FaultyDisk faulty_disk_;
  std::unique_ptr<sim::fault::FaultyNet> faulty_net_;
  std::unique_ptr<sim::fault::FaultyVault> faulty_vault_;
  std::unique_ptr<sim::fault::FaultyBoot> faulty_boot_;
  std::unique_ptr<device::Agent> agent_;
  Duration wall_offset_{};
  bool tampered_ = false;
  std::optional<Blob> ticket_;
  std::int64_t boots_ = 0;
};

}  // namespace holdfast::programs::simulation

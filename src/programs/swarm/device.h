// One device of a swarm: the agent and the network that ship, with a vault, a disk and a boot in software. What it
// sends is well-formed and signed by keys of its own.
#pragma once

#include <memory>

#include "device/agent.h"
#include "linux/net/vault_net.h"
#include "programs/swarm/measurements.h"
#include "sim/disk/memory_disk.h"
#include "sim/vault/soft_vault.h"
#include "sim/vault/tpm_maker.h"
#include "trust/appraisal/reference_set.h"

namespace holdfast::programs::swarm {

/// What every one of them boots: a log of 60 events, and the reference values that it asks for.
struct SharedBoot {
  Blob event_log;
  std::vector<std::pair<unsigned, Digest256>> extends;
  trust::appraisal::ReferenceSet references;
};
SharedBoot shared_boot();

/// What devices of one swarm have in common; outlives them.
struct Surroundings {
  ports::Clock& clock;
  ports::Random& random;
  const SharedBoot& boot;
  Measurements& measurements;
  std::shared_ptr<linux::tls::SharedPeers> peers = std::make_shared<linux::tls::SharedPeers>();
  Duration rest_after = Duration(500);  ///< until the next step is this far away, connections stay
};

class Device {
 public:
  /// `number` gives it an address of the loopback of its own (127.0.0.0/8).
  static Result<std::unique_ptr<Device>> make(const Surroundings& around, const sim::vault::TpmMaker& maker,
                                              std::uint32_t number);
  ~Device();

  Result<void> offer_ticket(Bytes file) { return agent_->offer_ticket(file); }
  /// One activity; when to call again.
  Result<Instant> step();
  /// A power cycle: the next steps attest again.
  void reboot();
  /// The newest check-in once more, over a connection that stays.
  Result<void> check_in_again();
  /// The same of a device that follows the director's targets of this version and has all of it.
  Result<void> check_in_following(std::int64_t director);
  /// What the service calls it; empty until it is enrolled.
  std::string id() const;
  /// The appraisals of this device that ended in certificates.
  std::uint64_t attested() const;
  bool is_healthy() const { return agent_->has_checked_in(); }
  const std::optional<Error>& failure() const { return agent_->failure(); }

 private:
  class TimedNet;
  class MeasuredBoot;
  Device(const Surroundings& around, std::unique_ptr<sim::vault::SoftVault> vault, ports::IpAddress from);

  Surroundings around_;
  std::unique_ptr<sim::vault::SoftVault> vault_;
  sim::disk::MemoryDisk disk_;
  std::unique_ptr<TimedNet> net_;
  std::unique_ptr<MeasuredBoot> boot_;
  std::unique_ptr<device::Agent> agent_;
};

}  // namespace holdfast::programs::swarm

// A device with a vault in software and the real agent, which talks to a real service over TLS.
#pragma once

#include <memory>
#include <string>

#include "attesting_device.h"
#include "device/agent.h"
#include "linux/net/client.h"
#include "linux/net/vault_net.h"
#include "linux/system/clock.h"
#include "linux/system/random.h"
#include "sim/disk/memory_disk.h"
#include "sim/vault/soft_vault.h"

namespace holdfast::tests {

/// What every one of them boots, and what its reference values are.
const Boot& good_boot();

class SoftDevice {
 public:
  SoftDevice();

  Digest256 endorsement_sha256() const { return vault_->endorsement_public().key.spki_sha256(); }
  /// Power on, measured as `boot`; a new agent.
  void boot(const Boot& boot = good_boot());
  void offer_ticket(Bytes file);
  /// Steps until it has attested and checked in; false when it has not within `steps`.
  bool settle(int steps = 60);
  /// One step, at the time that the agent named; when it wants the next one.
  Instant step_in_time();
  /// Steps until this boot is attested, whatever came of it.
  bool attest(int steps = 60);

  const device::Agent& agent() const { return *agent_; }
  std::string id() const;
  /// The certificate of the last attestation, with the vault's key behind it.
  std::optional<linux::net::ClientKey> client_key();
  std::optional<linux::net::ClientKey> update_key();

 private:
  class MeasuredBoot;
  void step();
  linux::net::ClientKey key_of(const wire::IssuedCertificate& issued, const ports::VaultKey& key);

  linux::system::SystemClock clock_;
  linux::system::SystemRandom random_;
  sim::disk::MemoryDisk disk_;
  std::unique_ptr<sim::vault::SoftVault> vault_;
  std::unique_ptr<linux::net::VaultNet> net_;
  std::unique_ptr<ports::Boot> measured_;
  std::unique_ptr<device::Agent> agent_;
};

}  // namespace holdfast::tests

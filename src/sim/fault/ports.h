// A device's ports behind one power switch: each call goes through the Faults and then to the port underneath, which
// knows nothing of it. Everything given must outlive these.
#pragma once

#include "ports/boot.h"
#include "ports/disk.h"
#include "ports/floor.h"
#include "ports/net.h"
#include "ports/slots.h"
#include "ports/vault.h"
#include "sim/fault/faults.h"

namespace holdfast::sim::fault {

class FaultyDisk final : public ports::Disk {
 public:
  FaultyDisk(Faults& faults, ports::Disk& under) : faults_(faults), under_(under) {}
  Result<std::optional<Blob>> read(std::string_view name) override;
  Result<void> write(std::string_view name, Bytes record) override;
  Result<void> remove(std::string_view name) override;

 private:
  Faults& faults_;
  ports::Disk& under_;
};

class FaultyNet final : public ports::Net {
 public:
  FaultyNet(Faults& faults, ports::Net& under) : faults_(faults), under_(under) {}
  Result<ports::NetAnswer> exchange(const ports::NetRequest& request) override;

 private:
  Faults& faults_;
  ports::Net& under_;
};

class FaultyBoot final : public ports::Boot {
 public:
  FaultyBoot(Faults& faults, ports::Boot& under) : faults_(faults), under_(under) {}
  Result<ports::BootFacts> facts() override;

 private:
  Faults& faults_;
  ports::Boot& under_;
};

class FaultyVault final : public ports::Vault {
 public:
  FaultyVault(Faults& faults, ports::Vault& under) : faults_(faults), under_(under) {}
  Result<ports::EndorsementKey> endorsement_key() override;
  Result<ports::VaultKey> create_key(ports::KeyUse use) override;
  Result<Secret> activate_credential(const ports::VaultKey& attestation_key, Bytes credential_blob,
                                     Bytes encrypted_secret) override;
  Result<ports::QuotedPcrs> quote(const ports::VaultKey& attestation_key, const Digest256& qualifying_data) override;
  Result<ports::Attestation> certify(const ports::VaultKey& attestation_key, const ports::VaultKey& key,
                                     const Digest256& qualifying_data) override;
  Result<Blob> sign(const ports::VaultKey& key, Bytes digest) override;
  bool binds_client_keys() override { return under_.binds_client_keys(); }

 private:
  Faults& faults_;
  ports::Vault& under_;
};

class FaultySlots final : public ports::Slots {
 public:
  FaultySlots(Faults& faults, ports::Slots& under) : faults_(faults), under_(under) {}
  Result<std::vector<std::string>> components() override;
  Result<ports::SlotFacts> facts(std::string_view component) override;
  Result<Blob> read(std::string_view component, ports::Slot slot, std::int64_t offset, std::size_t bytes) override;
  Result<void> write(std::string_view component, std::int64_t offset, Bytes bytes) override;
  Result<void> sync(std::string_view component) override;
  Result<void> arm(std::string_view component, std::int64_t length) override;
  Result<void> confirm(std::string_view component) override;
  Result<void> restart(std::string_view component) override;

 private:
  Faults& faults_;
  ports::Slots& under_;
};

class FaultyFloor final : public ports::Floor {
 public:
  FaultyFloor(Faults& faults, ports::Floor& under) : faults_(faults), under_(under) {}
  Result<ports::FloorFacts> read(std::string_view component) override;
  Result<void> raise(std::string_view component, std::int64_t security_version, const ports::FloorWord* word) override;

 private:
  Faults& faults_;
  ports::Floor& under_;
};

}  // namespace holdfast::sim::fault

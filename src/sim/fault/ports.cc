#include "sim/fault/ports.h"

#include "base/text.h"

namespace holdfast::sim::fault {

Result<std::optional<Blob>> FaultyDisk::read(std::string_view name) {
  return faults_.look(cat("disk.read ", name), [&] { return under_.read(name); });
}

Result<void> FaultyDisk::write(std::string_view name, Bytes record) {
  return faults_.call(cat("disk.write ", name), [&] { return under_.write(name, record); });
}

Result<void> FaultyDisk::remove(std::string_view name) {
  return faults_.call(cat("disk.remove ", name), [&] { return under_.remove(name); });
}

Result<ports::NetAnswer> FaultyNet::exchange(const ports::NetRequest& request) {
  return faults_.call(cat("net.exchange ", request.path), [&] { return under_.exchange(request); });
}

Result<ports::BootFacts> FaultyBoot::facts() {
  return faults_.look("boot.facts", [&] { return under_.facts(); });
}

Result<ports::EndorsementKey> FaultyVault::endorsement_key() {
  return faults_.look("vault.endorsement_key", [&] { return under_.endorsement_key(); });
}

Result<ports::VaultKey> FaultyVault::create_key(ports::KeyUse use) {
  return faults_.call("vault.create_key", [&] { return under_.create_key(use); });
}

Result<Secret> FaultyVault::activate_credential(const ports::VaultKey& attestation_key, Bytes credential_blob,
                                                Bytes encrypted_secret) {
  return faults_.call("vault.activate_credential",
                      [&] { return under_.activate_credential(attestation_key, credential_blob, encrypted_secret); });
}

Result<ports::QuotedPcrs> FaultyVault::quote(const ports::VaultKey& attestation_key, const Digest256& qualifying_data) {
  return faults_.look("vault.quote", [&] { return under_.quote(attestation_key, qualifying_data); });
}

Result<ports::Attestation> FaultyVault::certify(const ports::VaultKey& attestation_key, const ports::VaultKey& key,
                                                const Digest256& qualifying_data) {
  return faults_.look("vault.certify", [&] { return under_.certify(attestation_key, key, qualifying_data); });
}

Result<Blob> FaultyVault::sign(const ports::VaultKey& key, Bytes digest) {
  return faults_.look("vault.sign", [&] { return under_.sign(key, digest); });
}

Result<std::vector<std::string>> FaultySlots::components() {
  return faults_.look("slots.components", [&] { return under_.components(); });
}

Result<ports::SlotFacts> FaultySlots::facts(std::string_view component) {
  return faults_.look(cat("slots.facts ", component), [&] { return under_.facts(component); });
}

Result<Blob> FaultySlots::read(std::string_view component, ports::Slot slot, std::int64_t offset, std::size_t bytes) {
  return faults_.look(cat("slots.read ", component, " at ", offset),
                      [&] { return under_.read(component, slot, offset, bytes); });
}

Result<void> FaultySlots::write(std::string_view component, std::int64_t offset, Bytes bytes) {
  return faults_.call(cat("slots.write ", component, " at ", offset),
                      [&] { return under_.write(component, offset, bytes); });
}

Result<void> FaultySlots::sync(std::string_view component) {
  return faults_.call(cat("slots.sync ", component), [&] { return under_.sync(component); });
}

Result<void> FaultySlots::arm(std::string_view component, std::int64_t length) {
  return faults_.call(cat("slots.arm ", component), [&] { return under_.arm(component, length); });
}

Result<void> FaultySlots::confirm(std::string_view component) {
  return faults_.call(cat("slots.confirm ", component), [&] { return under_.confirm(component); });
}

Result<void> FaultySlots::restart(std::string_view component) {
  return faults_.call(cat("slots.restart ", component), [&] { return under_.restart(component); });
}

Result<ports::FloorFacts> FaultyFloor::read(std::string_view component) {
  return faults_.look(cat("floor.read ", component), [&] { return under_.read(component); });
}

Result<void> FaultyFloor::raise(std::string_view component, std::int64_t security_version,
                                const ports::FloorWord* word) {
  return faults_.call(cat("floor.raise ", component), [&] { return under_.raise(component, security_version, word); });
}

}  // namespace holdfast::sim::fault

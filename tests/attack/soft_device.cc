#include "attack/soft_device.h"

#include <doctest/doctest.h>
#include <unistd.h>

namespace holdfast::tests {

class SoftDevice::MeasuredBoot final : public ports::Boot {
 public:
  Result<ports::BootFacts> facts() override { return now; }
  ports::BootFacts now{.event_log = {}, .boot_count = 0, .running = {{"os", "1.0", 1}}};
};

const Boot& good_boot() {
  static const Boot kBoot = {{0, "firmware 1.0"}, {4, "boot image 1.0"}, {11, "linux 6.1"}};
  return kBoot;
}

SoftDevice::SoftDevice() : measured_(std::make_unique<MeasuredBoot>()) {
  auto made = sim::vault::SoftVault::make(random_, clock_);
  REQUIRE(made);
  vault_ = *std::move(made);
  net_ = std::make_unique<linux::net::VaultNet>(*vault_, clock_);
  boot();
}

void SoftDevice::boot(const Boot& boot) {
  vault_->reset();
  for (const Measurement& one : boot) vault_->extend(one.pcr, trust::crypto::sha256(as_bytes(one.text)));
  auto& facts = static_cast<MeasuredBoot&>(*measured_).now;
  facts.event_log = log_of(boot);
  ++facts.boot_count;
  agent_ = std::make_unique<device::Agent>(device::Ports{disk_, *net_, *vault_, *measured_, random_});
}

void SoftDevice::offer_ticket(Bytes file) { REQUIRE(agent_->offer_ticket(file)); }

void SoftDevice::step() {
  agent_->wake();
  REQUIRE(agent_->step(clock_.now(), clock_.wall_time()));
  if (agent_->failure()) ::usleep(20'000);  // asked too often, perhaps
}

Instant SoftDevice::step_in_time() {
  const auto next = agent_->step(clock_.now(), clock_.wall_time());
  REQUIRE(next);
  return *next;
}

bool SoftDevice::settle(int steps) {
  for (int i = 0; i < steps && !agent_->has_checked_in(); ++i) step();
  return agent_->has_checked_in();
}

bool SoftDevice::attest(int steps) {
  const std::int64_t boot = static_cast<MeasuredBoot&>(*measured_).now.boot_count;
  const auto is_done = [&] {
    const auto& attested = agent_->records().get<device::record::Attested>();
    return attested && attested->boot_count == boot;
  };
  for (int i = 0; i < steps && !is_done(); ++i) step();
  return is_done();
}

std::string SoftDevice::id() const {
  const auto& identity = agent_->records().get<device::record::Identity>();
  return identity ? identity->device : std::string();
}

linux::net::ClientKey SoftDevice::key_of(const wire::IssuedCertificate& issued, const ports::VaultKey& key) {
  return {issued.certificate, [this, key](Bytes digest) { return vault_->sign(key, digest); }};
}

std::optional<linux::net::ClientKey> SoftDevice::client_key() {
  const auto& attested = agent_->records().get<device::record::Attested>();
  if (!attested || !attested->result.client_certificate) return std::nullopt;
  return key_of(*attested->result.client_certificate, agent_->records().get<device::record::TlsKeys>()->client);
}

std::optional<linux::net::ClientKey> SoftDevice::update_key() {
  const auto& attested = agent_->records().get<device::record::Attested>();
  if (!attested || !attested->result.update_certificate) return std::nullopt;
  return key_of(*attested->result.update_certificate, agent_->records().get<device::record::TlsKeys>()->update);
}

}  // namespace holdfast::tests

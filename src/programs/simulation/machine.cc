#include "programs/simulation/machine.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "trust/crypto/hash.h"
#include "trust/eventlog/log.h"
#include "trust/eventlog/writer.h"

namespace holdfast::programs::simulation {
namespace {

using trust::eventlog::LogWriter;

constexpr Duration kRebootTime = seconds(20);

struct Measured {
  unsigned pcr;
  std::uint32_t type;
  std::string_view data;
};

constexpr Measured kBoot[] = {
    {0, trust::eventlog::kEvSCrtmVersion, "firmware 1.0"},
    {0, trust::eventlog::kEvSeparator, std::string_view("\0\0\0\0", 4)},
    {4, trust::eventlog::kEvEfiBootServicesApplication, "boot image 1.0"},
    {7, trust::eventlog::kEvEfiVariableDriverConfig, "secure boot on"},
};
constexpr std::string_view kOsVersion = "1.0";
constexpr std::int64_t kCapacity = 512 * 1024;

/// The log of one boot; each event goes into the vault as it is written.
Blob measure(sim::vault::SoftVault* vault, std::string_view os, bool tampered) {
  LogWriter log;
  const auto append = [&](const Measured& event) {
    const Digest256 digest = log.append(event.pcr, event.type, as_bytes(event.data));
    if (vault != nullptr) vault->extend(event.pcr, digest);
  };
  for (const Measured& event : kBoot) append(event);
  const std::string kernel = cat("the system ", os, tampered ? " with a guest" : "");
  append({11, trust::eventlog::kEvIpl, kernel});
  return log.bytes();
}

}  // namespace

class Machine::MeasuredBoot final : public ports::Boot {
 public:
  Result<ports::BootFacts> facts() override { return facts_; }
  void start(Blob event_log, std::string version, std::int64_t security_version) {
    facts_.event_log = std::move(event_log);
    facts_.boot_count += 1;
    facts_.running = {{std::string(kOs), std::move(version), security_version}};
  }

 private:
  ports::BootFacts facts_;
};

trust::appraisal::ReferenceSet Machine::reference_values(std::string_view version, std::int64_t security_version) {
  const auto log = trust::eventlog::parse(measure(nullptr, version, false));
  CHECK_INVARIANT(log.has_value());
  auto set = trust::appraisal::reference_set_from_log({std::string(kOs), std::string(version)}, security_version, *log);
  CHECK_INVARIANT(set.has_value());
  set->source = trust::appraisal::ReferenceSource::Image;
  return *std::move(set);
}

Machine::Machine(ServiceHost& host, sim::clock::VirtualClock& clock, sim::random::SeededRandom random,
                 const std::optional<FirstImages>& first)
    : clock_(clock),
      random_(std::move(random)),
      slots_random_(random_.fork("slots")),
      slots_(slots_random_),
      faulty_disk_(faults_, disk_),
      faulty_slots_(faults_, slots_),
      faulty_floor_(faults_, floor_) {
  if (first) {
    shelf_ = &first->shelf;
    slots_.add(std::string(kOs), first->os.content, true, kCapacity);
    slots_.add(first->application.component, first->application.content, false, kCapacity);
  }
  auto vault = sim::vault::SoftVault::make(random_, clock_);
  CHECK_INVARIANT(vault.has_value());
  vault_ = *std::move(vault);
  measured_ = std::make_unique<MeasuredBoot>();
  link_ = std::make_unique<Link>(host, *vault_, clock_, random_.fork("link"));
  faulty_net_ = std::make_unique<sim::fault::FaultyNet>(faults_, *link_);
  faulty_vault_ = std::make_unique<sim::fault::FaultyVault>(faults_, *vault_);
  faulty_boot_ = std::make_unique<sim::fault::FaultyBoot>(faults_, *measured_);
}

Machine::~Machine() = default;

void Machine::power_off() {
  agent_.reset();
  slots_.lose_power(true);
}

void Machine::boot() {
  ++boots_;
  booted_ = clock_.now();
  agent_.reset();
  vault_->reset();
  slots_.start();
  std::string version(kOsVersion);
  std::int64_t security_version = 1;
  device::Ports ports{faulty_disk_, *faulty_net_, *faulty_vault_, *faulty_boot_, random_};
  if (shelf_ != nullptr) {
    const ShelvedImage* os = running(kOs);
    version = os == nullptr ? "unknown" : os->version;
    security_version = os == nullptr ? 0 : os->security_version;
    ports.slots = &faulty_slots_;
    ports.floor = &faulty_floor_;
  }
  measured_->start(measure(vault_.get(), version, tampered_), version, security_version);
  agent_ = std::make_unique<device::Agent>(ports, device::AgentSettings{.hardware = std::string(kHardware)});
  if (ticket_) CHECK_INVARIANT(agent_->offer_ticket(*ticket_).has_value());
}

void Machine::give_ticket(Blob file) {
  ticket_ = std::move(file);
  if (agent_) CHECK_INVARIANT(agent_->offer_ticket(*ticket_).has_value());
}

Instant Machine::step() {
  const auto next = agent_->step(Instant{} + (clock_.now() - booted_), clock_.wall_time() + wall_offset_);
  const Instant done = clock_.now() + link_->take_spent();
  const bool wants_boot = next && agent_->wants_boot();
  if (!faults_.crashed() && next && !wants_boot) return std::max(booted_ + Duration(next->ms), done);
  if (faults_.crashed()) power_off();
  if (faults_.crashed() || wants_boot) {
    faults_.restart();
    boot();
  }
  return done + kRebootTime;
}

const ShelvedImage* Machine::running(std::string_view component) const {
  Seen& seen = seen_[std::string(component)];
  const int starts = slots_.starts(component);
  if (seen.starts != starts) seen = {starts, shelf_->find(slots_.running(component))};
  return seen.image;
}

bool Machine::is_confirmed(std::string_view component) {
  const auto facts = slots_.facts(component);
  return facts && facts->trial != ports::Trial::Armed && facts->trial != ports::Trial::Running &&
         facts->running == facts->confirmed;
}

}  // namespace holdfast::programs::simulation

#include "programs/simulation/machine.h"

#include "base/check.h"
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
    {11, trust::eventlog::kEvIpl, "linux 6.1"},
};
constexpr std::string_view kOs = "os";
constexpr std::string_view kOsVersion = "1.0";

/// The log of one boot; each event goes into the vault as it is written.
Blob measure(sim::vault::SoftVault* vault, bool tampered) {
  LogWriter log;
  for (const Measured& event : kBoot) {
    const bool changed = tampered && event.pcr == 11;
    const Digest256 digest =
        log.append(event.pcr, event.type, as_bytes(changed ? "linux 6.1 with a guest" : event.data));
    if (vault != nullptr) vault->extend(event.pcr, digest);
  }
  return log.bytes();
}

}  // namespace

class Machine::MeasuredBoot final : public ports::Boot {
 public:
  Result<ports::BootFacts> facts() override { return facts_; }
  void start(Blob event_log) {
    facts_.event_log = std::move(event_log);
    facts_.boot_count += 1;
    facts_.running = {{std::string(kOs), std::string(kOsVersion), 1}};
  }

 private:
  ports::BootFacts facts_;
};

trust::appraisal::ReferenceSet Machine::reference_values() {
  const auto log = trust::eventlog::parse(measure(nullptr, false));
  CHECK_INVARIANT(log.has_value());
  auto set = trust::appraisal::reference_set_from_log({std::string(kOs), std::string(kOsVersion)}, 1, *log);
  CHECK_INVARIANT(set.has_value());
  set->source = trust::appraisal::ReferenceSource::Image;
  return *std::move(set);
}

Machine::Machine(ServiceHost& host, sim::clock::VirtualClock& clock, sim::random::SeededRandom random)
    : clock_(clock), random_(std::move(random)), faulty_disk_(faults_, disk_) {
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

void Machine::boot() {
  ++boots_;
  vault_->reset();
  measured_->start(measure(vault_.get(), tampered_));
  agent_ = std::make_unique<device::Agent>(
      device::Ports{faulty_disk_, *faulty_net_, *faulty_vault_, *faulty_boot_, random_});
  if (ticket_) CHECK_INVARIANT(agent_->offer_ticket(*ticket_).has_value());
}

void Machine::give_ticket(Blob file) {
  ticket_ = std::move(file);
  if (agent_) CHECK_INVARIANT(agent_->offer_ticket(*ticket_).has_value());
}

Instant Machine::step() {
  const auto next = agent_->step(clock_.now(), clock_.wall_time() + wall_offset_);
  if (!faults_.crashed() && next) return *next;
  if (faults_.crashed()) {
    faults_.restart();
    boot();
  }
  return clock_.now() + kRebootTime;
}

}  // namespace holdfast::programs::simulation

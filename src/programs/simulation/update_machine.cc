#include "programs/simulation/update_machine.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "programs/simulation/crash.h"
#include "trust/crypto/hash.h"

namespace holdfast::programs::simulation {
namespace {

/// 2026-11-24T00:00:00Z.
constexpr WallTime kStart = WallTime::from_seconds(1'795'478'400);
constexpr Duration kRebootTime = seconds(20);
constexpr int kStepsMax = 2000;
/// Every image has this many bytes of its own in front, and the rest from one stream.
constexpr std::size_t kOwnBytes = 4096;
constexpr std::string_view kApplicationVersion{"1.0"};

}  // namespace

class UpdateMachine::Facts final : public ports::Boot {
 public:
  explicit Facts(UpdateMachine& machine, KnownImage first) : machine_(machine), first_(std::move(first)) {}
  Result<ports::BootFacts> facts() override {
    const KnownImage* runs = machine_.needs_boot_ ? machine_.running() : &first_;
    CHECK_INVARIANT(runs != nullptr);
    ports::BootFacts out{.event_log = {1, 2, 3},
                         .boot_count = machine_.boots_,
                         .running = {{machine_.component_, runs->version, runs->security_version}}};
    if (!machine_.application_.empty()) out.running = {{machine_.application_, std::string(kApplicationVersion), 1}};
    return out;
  }

 private:
  UpdateMachine& machine_;
  KnownImage first_;
};

/// To the service, as far as what runs can find it; the service judges what runs.
class UpdateMachine::Way final : public ports::Net {
 public:
  explicit Way(UpdateMachine& machine) : machine_(machine) {}
  Result<ports::NetAnswer> exchange(const ports::NetRequest& request) override {
    const KnownImage* runs = machine_.running();
    if (machine_.service_is_away || runs == nullptr || !runs->has_network) return sim::net::unreachable()(request);
    machine_.service_.verdict = runs->is_healthy ? "healthy" : "update-only";
    return machine_.net_.exchange(request);
  }

 private:
  UpdateMachine& machine_;
};

UpdateMachine::UpdateMachine(std::uint64_t seed, std::string component, bool needs_boot, const KnownImage& first,
                             std::string application)
    : component_(std::move(component)),
      needs_boot_(needs_boot),
      application_(std::move(application)),
      random_(seed),
      service_random_(random_.fork("service")),
      clock_(kStart),
      service_(service_random_, clock_),
      slots_random_(random_.fork("slots")),
      slots_(slots_random_) {
  auto vault = sim::vault::SoftVault::make(random_, clock_);
  CHECK_INVARIANT(vault.has_value());
  vault_ = *std::move(vault);
  service_.answer_on(net_);
  facts_ = std::make_unique<Facts>(*this, first);
  way_ = std::make_unique<Way>(*this);
  net_port_ = std::make_unique<sim::fault::FaultyNet>(faults_, *way_);
  boot_port_ = std::make_unique<sim::fault::FaultyBoot>(faults_, *facts_);
  vault_port_ = std::make_unique<sim::fault::FaultyVault>(faults_, *vault_);
  const Blob content = image(first);
  known_.emplace(trust::crypto::sha256(content), first);
  slots_.add(component_, content, needs_boot_, kCapacity);
  slots_.set_comes_up([this](std::string_view, Bytes bytes) {
    const auto known = known_.find(trust::crypto::sha256(bytes));
    return known != known_.end() && known->second.comes_up;
  });
  power_cycle(false);
  CHECK_INVARIANT(agent_->offer_ticket(service_.ticket()).has_value());
  CHECK_INVARIANT(run_until([&] { return agent_->has_checked_in(); }, hours(1)).has_value());
  device_ = agent_->records().get<device::record::Identity>()->device;
}

UpdateMachine::~UpdateMachine() = default;

Blob UpdateMachine::image(const KnownImage& known, std::size_t bytes) const {
  if (!application_.empty() && known.version.empty()) return {};
  if (!application_.empty()) {
    const json::Value document =
        json::Object{{"application", application_}, {"settings", json::Object{{"version", known.version}}}};
    return to_blob(as_bytes(json::dump(document)));
  }
  Blob out(bytes);
  sim::random::SeededRandom(1).fork("shared").fill(out);
  auto own = sim::random::SeededRandom(1).fork(cat(known.version, known.comes_up, known.is_healthy));
  own.fill(std::span(out).first(std::min(bytes, kOwnBytes)));
  return out;
}

std::string UpdateMachine::release(const KnownImage& known, Bytes content, const Deltas& deltas, const Change& change) {
  known_.insert_or_assign(trust::crypto::sha256(content), known);
  trust::update::Image image;
  image.kind = needs_boot_ ? trust::update::ImageKind::Os : trust::update::ImageKind::Application;
  if (!application_.empty()) image.kind = trust::update::ImageKind::Configuration;
  image.product = "gateway";
  image.hardware = {std::string(kHardware)};
  image.component = component_;
  image.version = known.version;
  image.security_version = known.security_version;
  if (change) change(image);
  return service_.releases().release(std::move(image), content, deltas);
}

void UpdateMachine::direct(const std::vector<std::string>& paths) { service_.releases().direct(device_, paths); }

void UpdateMachine::start_agent() {
  agent_ = std::make_unique<device::Agent>(
      device::Ports{disk_port_, *net_port_, *vault_port_, *boot_port_, random_, &slots_port_, &floor_port_, medium},
      device::AgentSettings{.hardware = std::string(kHardware), .updates = settings});
}

void UpdateMachine::power_cycle(bool loses_power) {
  agent_.reset();
  if (loses_power) slots_.lose_power(tears_writes);
  faults_.restart();
  vault_->reset();
  slots_.start();
  ++boots_;
  booted_ = clock_.now();
  start_agent();
}

Result<void> UpdateMachine::step(Duration most) {
  const Instant now{clock_.now().ms - booted_.ms};
  if (const KnownImage* runs = running(); runs != nullptr && runs->crashes) {
    const auto noted = agent_->note_exit(application_, std::string(kApplicationVersion), true);
    if (!noted && !faults_.crashed()) return noted;
  }
  const auto next = agent_->step(now, clock_.wall_time() + wall_is_off);
  if (faults_.crashed() || (next && agent_->wants_boot())) {
    clock_.advance(kRebootTime);
    power_cycle(faults_.crashed());
    return {};
  }
  if (!next) return std::unexpected(next.error());
  clock_.advance(std::min(*next - now, most));
  faults_.note_change();
  return {};
}

Result<void> UpdateMachine::run_until(const std::function<bool()>& done, Duration time) {
  const Instant end = clock_.now() + time;
  for (int steps = 0; steps < kStepsMax && clock_.now() <= end; ++steps) {
    if (done()) return {};
    TRY(step(hours(1)));
  }
  const auto& trouble = agent_->records().get<device::record::Trouble>();
  return fail(Next::Corrupt, kStoryNotFinished,
              cat("the device did not finish; what stands in its way: ", trouble ? trouble->message : "nothing said"));
}

const KnownImage* UpdateMachine::running() const {
  const int starts = slots_.starts(component_);
  if (seen_.starts == starts) return seen_.image;
  const auto found = known_.find(trust::crypto::sha256(slots_.running(component_)));
  seen_ = {starts, found == known_.end() ? nullptr : &found->second};
  return seen_.image;
}

void UpdateMachine::put_back(const Kept& kept, WallTime wall) {
  agent_.reset();
  disk_ = kept.disk;
  slots_ = kept.slots;
  seen_ = {};
  floor_ = kept.floor;
  random_ = kept.random;
  slots_random_ = kept.slots_random;
  faults_.schedule({});
  service_is_away = false;
  clock_.jump_to(wall);
  net_.forget_requests();
  power_cycle(false);
}

}  // namespace holdfast::programs::simulation

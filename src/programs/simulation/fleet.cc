#include "programs/simulation/fleet.h"

#include <algorithm>

#include "base/text.h"
#include "programs/simulation/agenda.h"
#include "programs/simulation/world.h"

namespace holdfast::programs::simulation {
namespace {

constexpr Weather kBadWeather{.lost_request = 20, .lost_answer = 20, .doubled = 15, .late = 15};
constexpr Duration kIncidentEvery = minutes(7);
constexpr Duration kCalmAtEnd = hours(4);
constexpr std::int64_t kStoreCheckedEverySteps = 500;

class Fleet {
 public:
  explicit Fleet(const FleetOptions& options)
      : options_(options), world_(options.seed), chance_(world_.fork("incidents")) {}

  Result<FleetReport> run() {
    TRY(world_.found());
    for (int i = 0; i < options_.devices; ++i) {
      machines_.push_back(TRY(world_.new_machine(cat("device ", i))));
      machines_.back()->link().set_weather(kBadWeather);
      machines_.back()->boot();
      agenda_.plan(machines_.size() - 1, world_.clock().now());
    }
    const Instant calm = world_.clock().now() + hours(options_.hours);
    TRY(run_until(calm, true));
    TRY(calm_down());
    TRY(run_until(calm + kCalmAtEnd, false));
    return conclude();
  }

 private:
  Result<void> run_until(Instant end, bool incidents) {
    Instant next_incident = world_.clock().now() + kIncidentEvery;
    while (const auto due = agenda_.take(end)) {
      while (incidents && next_incident <= due->at) {
        world_.clock().advance_to(next_incident);
        TRY(incident());
        next_incident = next_incident + kIncidentEvery;
      }
      world_.clock().advance_to(due->at);
      deliver_late();
      TRY(step(due->machine));
    }
    world_.clock().advance_to(end);
    return {};
  }

  Result<void> step(std::size_t index) {
    Machine& machine = *machines_[index];
    const std::int64_t boots = machine.boots();
    const Instant next = machine.step();
    report_.power_cuts += machine.boots() - boots;
    for (LateRequest& late : machine.link().take_late()) late_.push_back(std::move(late));
    agenda_.plan(index, std::max(next, world_.clock().now() + Duration(1)));
    TRY(invariants_.check_device(world_.host(), machine));
    if (++report_.steps % kStoreCheckedEverySteps == 0) TRY(invariants_.check_store(world_.host()));
    return {};
  }

  void deliver_late() {
    std::erase_if(late_, [&](const LateRequest& late) {
      if (late.at > world_.clock().now()) return false;
      world_.host().deliver(late.request);
      ++report_.late_requests;
      return true;
    });
  }

  /// Something happens to somebody.
  Result<void> incident() {
    const std::size_t index = chance_.below(machines_.size());
    Machine& machine = *machines_[index];
    switch (chance_.below(8)) {
      case 0: machine.boot(); break;
      case 1:
        machine.faults().schedule({{machine.faults().calls() + static_cast<std::int64_t>(chance_.below(40)),
                                    chance_.below(2) == 0 ? sim::fault::Cut::Before : sim::fault::Cut::After}});
        break;
      case 2: {
        auto& faults = world_.host().faults();
        faults.schedule({{faults.calls() + static_cast<std::int64_t>(chance_.below(30)), sim::fault::Cut::Before}});
        ++report_.service_crashes;
        return {};
      }
      case 3: machine.jump_wall(hours(static_cast<std::int64_t>(chance_.below(72)) - 36)); break;
      case 4:
        machine.set_tampered(!machine.tampered());
        machine.boot();
        report_.tampered_boots += machine.tampered() ? 1 : 0;
        break;
      case 5: TRY(clear(machine)); break;
      case 6: return try_clone(machine);
      default: break;
    }
    agenda_.plan(index, world_.clock().now());
    return {};
  }

  /// The TPM forgets its keys; a technician brings a ticket that names the device.
  Result<void> clear(Machine& machine) {
    const auto& identity = machine.agent().records().get<device::record::Identity>();
    if (!identity) return {};
    const std::string name = identity->device;
    machine.clear_vault();
    ++report_.cleared;
    machine.give_ticket(TRY(world_.owner().ticket(world_.host().deps(), name, world_.clock().wall_time())));
    machine.boot();
    return {};
  }

  /// Somebody copies a disk into another chip: it must get nowhere.
  Result<void> try_clone(const Machine& machine) {
    Machine clone(world_.host(), world_.clock(), world_.fork(cat("clone ", report_.clones_refused)));
    clone.copy_disk_from(machine);
    clone.boot();
    for (int i = 0; i < 8; ++i) clone.step();
    const auto& attested = clone.agent().records().get<device::record::Attested>();
    const auto& identity = clone.agent().records().get<device::record::Identity>();
    if (identity || attested) return fail(Next::Corrupt, kInvariantBroken, "a copied disk enrolled with another chip");
    ++report_.clones_refused;
    return {};
  }

  /// No more incidents; what was broken is repaired, so that health at the end means recovery.
  Result<void> calm_down() {
    world_.host().faults().schedule({});
    for (std::size_t i = 0; i < machines_.size(); ++i) {
      Machine& machine = *machines_[i];
      machine.faults().schedule({});
      machine.link().set_weather({});
      machine.set_wall({});
      if (!machine.tampered()) continue;
      machine.set_tampered(false);
      machine.boot();
      agenda_.plan(i, world_.clock().now());
    }
    return {};
  }

  Result<FleetReport> conclude() {
    TRY(invariants_.check_store(world_.host()));
    for (std::size_t i = 0; i < machines_.size(); ++i) {
      const Machine& machine = *machines_[i];
      report_.boots += machine.boots();
      if (is_settled(machine)) {
        ++report_.healthy;
        continue;
      }
      const auto& failure = machine.agent().failure();
      return fail(Next::Corrupt, kInvariantBroken,
                  cat("device ", i, " is not healthy at the end: ", failure ? failure->message : "nothing said"));
    }
    report_.certificates = static_cast<std::int64_t>(invariants_.certificates_seen());
    return report_;
  }

  FleetOptions options_;
  World world_;
  sim::random::SeededRandom chance_;
  std::vector<std::unique_ptr<Machine>> machines_;
  Agenda agenda_;
  std::vector<LateRequest> late_;
  Invariants invariants_;
  FleetReport report_;
};

}  // namespace

Result<FleetReport> run_fleet(const FleetOptions& options) { return Fleet(options).run(); }

std::string text_of(const FleetReport& report) {
  return cat(report.steps, " steps, ", report.boots, " boots, ", report.power_cuts, " power cuts, ",
             report.service_crashes, " service crashes, ", report.late_requests, " late requests, ",
             report.tampered_boots, " tampered boots, ", report.cleared, " cleared TPMs, ", report.clones_refused,
             " clones refused, ", report.certificates, " certificates, ", report.healthy, " devices healthy");
}

}  // namespace holdfast::programs::simulation

#include "programs/simulation/outage.h"

#include <algorithm>
#include <functional>

#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"
#include "device/update/state.h"
#include "programs/simulation/agenda.h"
#include "programs/simulation/machine_watch.h"
#include "programs/simulation/steward.h"
#include "service/rollout/trials.h"
#include "trust/crypto/running_hash.h"

namespace holdfast::programs::simulation {
namespace {

namespace rollout = service::rollout;
using ports::DeploymentRow;
using ports::DeploymentState;

constexpr Duration kCheckInEvery = minutes(10);
constexpr Duration kMost = days(3);  ///< for everything before the outage
constexpr std::int64_t kLastWave = 2;
constexpr int kTryingMin = 3;  ///< devices, when the service goes

std::vector<rollout::Wave> three_waves() {
  return {{rollout::kPlaces / 5, hours(2)}, {rollout::kPlaces * 3 / 5, hours(2)}, {rollout::kPlaces, {}}};
}

std::unexpected<Error> broken(std::string what) { return fail(Next::Corrupt, kInvariantBroken, std::move(what)); }

class Outage {
 public:
  explicit Outage(const OutageOptions& options) : options_(options), world_(options.seed), steward_(world_) {
    report_.devices = options.devices;
  }

  Result<OutageReport> run() {
    world_.host().settings().check_in_every = kCheckInEvery;
    TRY(steward_.begin());
    for (int i = 0; i < options_.devices; ++i) TRY(add_device(i));
    TRY(run_until(kMost, "all devices with the first images",
                  [&] { return all([](Machine& one) { return is_settled(one); }); }));
    number_ = TRY(steward_.release_both(three_waves()));
    TRY(run_until(kMost, "devices that try it in the second wave", [&] { return is_in_mid_wave(); }));
    TRY(go_away());
    world_.host().set_door(Door::Open);
    const Instant back = world_.clock().now();
    TRY(run_until(kRecoveredWithin, "every device with the new images", [&] { return is_over(); }));
    report_.recovered = world_.clock().now() - back;
    TRY(require_unblamed());
    report_.digest = hash_.take();
    return report_;
  }

 private:
  Result<void> add_device(int number) {
    machines_.push_back(TRY(world_.new_machine(cat("device ", number), steward_.first())));
    watches_.emplace_back();
    machines_.back()->boot();
    agenda_.plan(machines_.size() - 1, world_.clock().now());
    return {};
  }

  template <class Which>
  bool all(Which which) {
    return std::ranges::all_of(machines_, [&](const auto& one) { return which(*one); });
  }

  template <class Which>
  int count(Which which) {
    return static_cast<int>(std::ranges::count_if(machines_, [&](const auto& one) { return which(*one); }));
  }

  /// Until `done`, which is asked after every step; none: until the time is over.
  Result<void> run_until(Duration time, std::string_view what, const std::function<bool()>& done) {
    const Instant end = world_.clock().now() + time;
    while (const auto due = agenda_.take(end)) {
      world_.clock().advance_to(due->at);
      Machine& machine = *machines_[due->machine];
      agenda_.plan(due->machine, std::max(machine.step(), world_.clock().now() + Duration(1)));
      const auto wrong = watches_[due->machine].look(machine, world_.clock().wall_time());
      if (!wrong.empty()) return broken(cat("device ", due->machine, " ", wrong.front()));
      note(due->machine);
      if (done && done()) return {};
    }
    world_.clock().advance_to(end);
    if (!done) return {};
    return broken(cat("expected ", what, " within ", to_text(time), "; they run the new images: ", count(has_new()),
                      " of ", options_.devices));
  }

  std::function<bool(Machine&)> has_new() {
    return [this](Machine& one) {
      return one.running(kOs) == &steward_.system() && one.running(kApplication) == &steward_.application() &&
             one.is_confirmed(kOs) && one.is_confirmed(kApplication);
    };
  }

  static bool is_trying(Machine& one) { return !one.is_confirmed(kOs) || !one.is_confirmed(kApplication); }

  DeploymentRow deployment() {
    std::optional<DeploymentRow> row;
    const auto read = world_.host().store().read([&](ports::Transaction& tx) -> Result<void> {
      row = TRY(rollout::find_deployment(tx, kCatalog, number_));
      tally_ = TRY(rollout::read_tally(TRY(rollout::tally_of(tx, kCatalog, number_))));
      return {};
    });
    CHECK_INVARIANT(read.has_value());
    return *std::move(row);
  }

  bool is_in_mid_wave() { return count(is_trying) >= kTryingMin && deployment().wave == 1; }

  bool is_over() { return all(has_new()) && deployment().wave == kLastWave && tally_.confirmed == options_.devices; }

  Result<void> go_away() {
    std::vector<Machine*> trying;
    for (const auto& one : machines_) {
      if (is_trying(*one)) trying.push_back(one.get());
    }
    report_.had_it = count(has_new());
    report_.were_trying = static_cast<int>(trying.size());
    world_.host().set_door(options_.door);
    TRY(run_until(kOutage, "", {}));
    for (const Machine* one : trying) {
      if (!TRY(blames_the_world(*one))) return broken("a trial did not end as a failure of the world");
    }
    if (count(has_new()) > report_.had_it) return broken("an image was kept though the service was not reached");
    if (count(is_trying) > 0) return broken("a device is still trying after a day without the service");
    return require_unblamed();
  }

  /// What the device remembers of its updates.
  static Result<device::update::State> state_of(const Machine& machine) {
    const auto& records = machine.disk().records();
    const auto record = records.find(device::update::kStateRecord);
    if (record == records.end()) return device::update::State{};
    return device::update::State::decode(record->second);
  }

  static Result<bool> blames_the_world(const Machine& machine) {
    const auto state = TRY(state_of(machine));
    return std::ranges::any_of(state.components, [](const auto& one) {
      return one.second.attempt && one.second.attempt->waits > 0 && !one.second.failed;
    });
  }

  /// By the devices' own memory and by the gate.
  Result<void> require_unblamed() {
    for (const auto& one : machines_) {
      const auto state = TRY(state_of(*one));
      for (const auto& [component, known] : state.components) {
        if (known.failed) return broken(cat(component, " is blamed: ", known.failed->reason));
        for (const wire::ImageCounts& counts : known.counts) {
          if (counts.fallbacks + counts.failed_boots + counts.crashes > 0) {
            return broken(cat(component, " ", counts.version, " is counted as harmful"));
          }
        }
      }
    }
    const DeploymentRow row = deployment();
    if (row.state != DeploymentState::Running) return broken(cat("the gate stopped it: ", printable(row.reason)));
    const bool is_harmless = std::ranges::all_of(tally_.pairs, [](const auto& pair) { return pair.worse == 0; });
    return is_harmless && tally_.took == tally_.confirmed ? Result<void>() : broken("the gate counts harm");
  }

  void note(std::size_t number) {
    const ShelvedImage* system = machines_[number]->running(kOs);
    const ShelvedImage* application = machines_[number]->running(kApplication);
    hash_.add(
        as_bytes(cat(world_.clock().now().ms, " ", number, " ", system->version, " ", application->version, "\n")));
  }

  OutageOptions options_;
  World world_;
  Steward steward_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<MachineWatch> watches_;
  Agenda agenda_;
  std::int64_t number_ = 0;
  rollout::Tally tally_;
  trust::crypto::RunningSha256 hash_;
  OutageReport report_;
};

}  // namespace

Result<OutageReport> run_outage(const OutageOptions& options) { return Outage(options).run(); }

std::string text_of(const OutageReport& report) {
  return cat(report.devices, " devices; when the service went, ", report.had_it, " had the new images and ",
             report.were_trying, " were trying them and went back; all had them ", report.recovered / minutes(1),
             " minutes after it was back; nothing was blamed or stopped; digest ", to_hex(report.digest).substr(0, 16));
}

}  // namespace holdfast::programs::simulation

#include "programs/simulation/years.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "device/update/updater.h"
#include "ports/store/rows/device.h"
#include "programs/simulation/agenda.h"
#include "programs/simulation/machine_watch.h"
#include "programs/simulation/steward.h"
#include "trust/crypto/running_hash.h"
#include "trust/tuf/metadata.h"

namespace holdfast::programs::simulation {
namespace {

using ports::Table;

constexpr Duration kCheckInEvery = hours(12);
constexpr std::size_t kViolationsMax = 20;

struct Device {
  std::unique_ptr<Machine> machine;
  MachineWatch watch;
  std::vector<Sleep> sleeps;
  bool is_asleep = false;
  Sleep slept;              ///< the last
  std::int64_t root = 0;    ///< when it fell asleep
  Instant settles_from;     ///< when it could begin to become what its owner wants
  bool is_settled = false;  ///< it is, since then
  bool met_expired = false;
  bool was_repaired = false;
  const ShelvedImage* system = nullptr;
  const ShelvedImage* application = nullptr;
};

struct Happening {
  enum class Kind { OwnersAct, Sleeps, Wakes };
  Instant at;
  Kind kind = Kind::OwnersAct;
  std::size_t device = 0;
  Act act = Act::RenewTimestamp;
  Sleep sleep{};
};

class Years {
 public:
  explicit Years(const YearsOptions& options) : options_(options), world_(options.seed), steward_(world_) {}

  Result<YearsReport> run() {
    world_.host().settings().check_in_every = kCheckInEvery;
    TRY(steward_.begin());
    std::vector<Happening> happenings;
    for (const OwnersAct& one : owners_acts(options_.years, world_.fork("owner's acts"))) {
      happenings.push_back({.at = one.at, .act = one.act});
    }
    for (int i = 0; i < options_.devices; ++i) TRY(add_device(i, happenings));
    std::ranges::stable_sort(happenings, {}, &Happening::at);
    for (const Happening& one : happenings) {
      TRY(run_until(one.at));
      TRY(happen(one));
    }
    TRY(run_until(Instant{} + kYear * options_.years));
    return conclude();
  }

 private:
  Result<void> add_device(int number, std::vector<Happening>& happenings) {
    Device device;
    device.machine = TRY(world_.new_machine(cat("device ", number), steward_.first()));
    device.machine->boot();
    agenda_.plan(devices_.size(), world_.clock().now());
    for (const Sleep& one : sleeps_of(number, options_.years, world_.fork(cat("sleep ", number)))) {
      happenings.push_back({.at = one.from, .kind = Happening::Kind::Sleeps, .device = devices_.size(), .sleep = one});
      happenings.push_back({.at = one.until, .kind = Happening::Kind::Wakes, .device = devices_.size(), .sleep = one});
    }
    devices_.push_back(std::move(device));
    return {};
  }

  Result<void> run_until(Instant end) {
    while (const auto due = agenda_.take(end)) {
      world_.clock().advance_to(due->at);
      TRY(step(due->machine));
    }
    world_.clock().advance_to(end);
    return {};
  }

  Result<void> happen(const Happening& one) {
    switch (one.kind) {
      case Happening::Kind::OwnersAct: return do_act(one.act);
      case Happening::Kind::Sleeps: fall_asleep(one.device, one.sleep); return {};
      case Happening::Kind::Wakes: wake(one.device, one.sleep); return {};
    }
    return {};
  }

  /// What is new, and what can be had again, is to be had by everybody who is awake.
  Result<void> do_act(Act act) {
    const bool had_expired = has_expired();
    TRY(steward_.act(act));
    note(cat("owner ", static_cast<int>(act)));
    if (act == Act::RenewTimestamp && !had_expired) return {};
    for (Device& one : devices_) {
      one.settles_from = world_.clock().now();
      one.is_settled = false;
    }
    return act == Act::RotateAuthorities ? invariants_.check_store(world_.host()) : Result<void>();
  }

  void fall_asleep(std::size_t number, const Sleep& sleep) {
    Device& device = devices_[number];
    require_settled(number);
    device.is_asleep = true;
    device.root = device.watch.root();
    note(cat("device ", number, " sleeps"));
    if (!sleep.is_off) {
      device.machine->link().set_away(true);
      return;
    }
    agenda_.drop(number);
    device.machine->power_off();
  }

  void wake(std::size_t number, const Sleep& sleep) {
    Device& device = devices_[number];
    ++report_.wakes;
    report_.longest_sleep = std::max(report_.longest_sleep, sleep.until - sleep.from);
    device.is_asleep = false;
    device.slept = sleep;
    device.settles_from = world_.clock().now();
    device.is_settled = device.met_expired = device.was_repaired = false;
    note(cat("device ", number, " wakes"));
    device.machine->link().set_away(false);
    if (!sleep.is_off) return;
    device.machine->set_wall(ahead_of(sleep.clock, world_.clock().wall_time()));
    device.machine->boot();
    agenda_.plan(number, world_.clock().now());
  }

  Result<void> step(std::size_t number) {
    Device& device = devices_[number];
    Machine& machine = *device.machine;
    const Instant next = machine.step();
    agenda_.plan(number, std::max(next, world_.clock().now() + Duration(1)));
    ++report_.steps;
    TRY(invariants_.check_device(world_.host(), machine));
    for (const std::string& one : device.watch.look(machine, world_.clock().wall_time())) violated(number, one);
    look_at_images(number);
    if (device.is_asleep) return {};
    look_at_troubles(device);
    if (!device.is_settled && TRY(is_as_wanted(device))) settle(number);
    if (world_.clock().now() - device.settles_from > kSettledWithin) require_settled(number);
    return {};
  }

  void look_at_images(std::size_t number) {
    Device& device = devices_[number];
    const auto look = [&](const ShelvedImage*& known, std::string_view component) {
      const ShelvedImage* runs = device.machine->running(component);
      if (runs == known || !device.machine->is_confirmed(component)) return;
      if (known != nullptr && runs != nullptr) {
        ++report_.updates;
        note(cat("device ", number, " runs ", component, " ", runs->version));
      }
      known = runs;
    };
    look(device.system, kOs);
    look(device.application, kApplication);
  }

  static void look_at_troubles(Device& device) {
    const auto& records = device.machine->agent().records();
    const auto& trouble = records.get<device::record::Trouble>();
    device.met_expired |= trouble && trouble->reason == trust::tuf::kMetadataExpired.word();
    const auto& attested = records.get<device::record::Attested>();
    device.was_repaired |= attested && attested->result.verdict == "update-only";
  }

  /// By itself and as the service heard it since.
  Result<bool> is_as_wanted(const Device& device) {
    Machine& machine = *device.machine;
    const bool runs = machine.running(kOs) == &steward_.system() && machine.is_confirmed(kOs) &&
                      machine.running(kApplication) == &steward_.application() && machine.is_confirmed(kApplication);
    if (!runs || !is_settled(machine) || device.watch.root() != world_.owner().roots()) return false;
    const auto& records = machine.agent().records();
    if (!records.get<device::record::Attested>()->is_client()) return false;
    const std::string& name = records.get<device::record::Identity>()->device;
    bool is_heard = false;
    TRY(world_.host().store().read([&](ports::Transaction& tx) -> Result<void> {
      const auto row = TRY(Table<ports::DeviceRow>(tx).find(kCatalog, name));
      const auto direction = TRY(Table<ports::DirectionRow>(tx).find(kCatalog, name));
      const auto report = TRY(Table<ports::UpdateReportRow>(tx).find(kCatalog, name));
      const WallTime since = world_.clock().wall_time() - (world_.clock().now() - device.settles_from);
      is_heard = row && row->last_seen_at >= since && direction && report && report->director == direction->version &&
                 report->updates == "[]";
      return {};
    }));
    return is_heard;
  }

  void settle(std::size_t number) {
    Device& device = devices_[number];
    device.is_settled = true;
    report_.longest_settling = std::max(report_.longest_settling, world_.clock().now() - device.settles_from);
    const std::int64_t walked = device.watch.root() - device.root;
    report_.roots_walked_max = std::max(report_.roots_walked_max, walked);
    report_.expired_metadata += std::exchange(device.met_expired, false) ? 1 : 0;
    report_.repairs += std::exchange(device.was_repaired, false) ? 1 : 0;
    const bool was_wrong = device.slept.is_off && device.slept.clock != WakingClock::Right;
    report_.wrong_clocks += was_wrong && device.root > 0 ? 1 : 0;
    if (walked == steward_.key_rotations() && walked == options_.years) ++report_.slept_over_all;
    device.root = device.watch.root();
    device.slept = {};
    note(cat("device ", number, " is settled under root ", device.root));
  }

  /// Who had the time is as its owner wants it.
  void require_settled(std::size_t number) {
    Device& device = devices_[number];
    const bool had_time = world_.clock().now() - device.settles_from > kSettledWithin;
    if (device.is_settled || device.is_asleep || !had_time || has_expired()) return;
    device.is_settled = true;  // said once
    const auto& trouble = device.machine->agent().records().get<device::record::Trouble>();
    const ShelvedImage* system = device.machine->running(kOs);
    const ShelvedImage* application = device.machine->running(kApplication);
    violated(number, cat("is not what its owner wants after ", to_text(kSettledWithin), ": runs ",
                         system ? system->version : "?", " and ", application ? application->version : "?", ", wants ",
                         steward_.system().version, " and ", steward_.application().version,
                         "; in trouble: ", trouble ? cat(trouble->activity, ": ", trouble->message) : "none"));
  }

  bool has_expired() { return steward_.good_until() <= world_.clock().wall_time(); }

  void violated(std::size_t number, std::string_view what) {
    if (report_.violations.size() >= kViolationsMax) return;
    report_.violations.push_back(
        cat(to_rfc3339(world_.clock().wall_time()), ": device ", number, " ", printable(what, 600)));
  }

  void note(std::string_view what) { hash_.add(as_bytes(cat(world_.clock().now().ms, " ", what, "\n"))); }

  Result<YearsReport> conclude() {
    for (std::size_t i = 0; i < devices_.size(); ++i) require_settled(i);
    TRY(invariants_.check_store(world_.host()));
    report_.releases = steward_.releases();
    report_.key_rotations = steward_.key_rotations();
    report_.authority_rotations = steward_.authority_rotations();
    report_.certificates = static_cast<std::int64_t>(invariants_.certificates_seen());
    report_.digest = hash_.take();
    return report_;
  }

  YearsOptions options_;
  World world_;
  Steward steward_;
  std::vector<Device> devices_;
  Agenda agenda_;
  Invariants invariants_;
  trust::crypto::RunningSha256 hash_;
  YearsReport report_;
};

}  // namespace

Result<YearsReport> run_years(const YearsOptions& options) { return Years(options).run(); }

std::string text_of(const YearsReport& report) {
  std::string out;
  const auto line = [&](std::string_view name, const auto& value) {
    out += cat(name, std::string(38 - name.size(), ' '), value, "\n");
  };
  line("releases", report.releases);
  line("rotations of every owner's key", report.key_rotations);
  line("rotations of the issuing CAs", report.authority_rotations);
  line("steps of devices", report.steps);
  line("wakes", report.wakes);
  line("longest sleep", cat(report.longest_sleep / days(1), " days"));
  line("most roots walked after one sleep", report.roots_walked_max);
  line("slept over every rotation at once", report.slept_over_all);
  line("wrong clocks survived", report.wrong_clocks);
  line("recoveries from expired metadata", report.expired_metadata);
  line("systems too old, repaired", report.repairs);
  line("updates", report.updates);
  line("certificates", report.certificates);
  line("longest way to what is wanted", cat(report.longest_settling / minutes(1), " minutes"));
  line("violations", report.violations.size());
  for (const std::string& one : report.violations) out += cat("  ", one, "\n");
  return out + cat("digest ", to_hex(report.digest).substr(0, 16));
}

}  // namespace holdfast::programs::simulation

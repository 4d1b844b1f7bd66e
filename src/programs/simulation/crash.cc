#include "programs/simulation/crash.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "base/text.h"
#include "ports/store/rows/device.h"
#include "programs/simulation/world.h"

namespace holdfast::programs::simulation {
namespace {

using sim::fault::Cut;
using sim::fault::PowerCut;

constexpr int kStepsMax = 400;
constexpr Duration kTimeMax = hours(48);

enum class Whose { Device, Service };
struct Schedule {
  std::vector<PowerCut> device;
  std::vector<PowerCut> service;
};
struct OneCut {
  Whose whose;
  PowerCut cut;
};

std::string text_of(const Schedule& schedule) {
  std::vector<std::string> parts;
  for (const auto& cut : schedule.device) parts.push_back(cat("d", cut.call, cut.when == Cut::Before ? "b" : "a"));
  for (const auto& cut : schedule.service) parts.push_back(cat("s", cut.call, cut.when == Cut::Before ? "b" : "a"));
  return join(parts, ",");
}

Result<Schedule> parse_schedule(std::string_view text) {
  Schedule out;
  for (const std::string_view part : split(text, ',')) {
    PowerCut cut;
    const bool shaped =
        part.size() >= 3 && (part[0] == 'd' || part[0] == 's') && (part.back() == 'a' || part.back() == 'b');
    const char* end = part.data() + part.size() - 1;
    if (!shaped || std::from_chars(part.data() + 1, end, cut.call).ptr != end) {
      return fail(Next::Rejected, kStoryUnknown,
                  cat("expected a schedule such as d12b,s3b, saw '", printable(text), "'"));
    }
    cut.when = part.back() == 'a' ? Cut::After : Cut::Before;
    (part[0] == 'd' ? out.device : out.service).push_back(cut);
  }
  return out;
}

bool is_released(const Machine& machine) { return machine.agent().is_released(); }

bool is_enrolled(const Machine& machine) {
  return machine.agent().records().get<device::record::Identity>().has_value();
}

/// A world at the beginning of a story; the calls made so far are before any cut.
struct Story {
  explicit Story(std::uint64_t seed) : world(seed) {}

  World world;
  std::unique_ptr<Machine> machine;
  Invariants invariants;
  std::string device;
  std::int64_t device_base = 0;
  std::int64_t service_base = 0;

  template <class Done>
  Result<void> run_until(Done done) {
    const Instant end = world.clock().now() + kTimeMax;
    for (int step = 0; step < kStepsMax && world.clock().now() < end; ++step) {
      const Instant next = machine->step();
      TRY(invariants.check_device(world.host(), *machine));
      if (done(*machine)) return {};
      world.clock().advance_to(std::max(next, world.clock().now() + Duration(1)));
    }
    const auto& failure = machine->agent().failure();
    return fail(
        Next::Corrupt, kStoryNotFinished,
        cat("the device did not finish; what stands in its way: ", failure ? failure->message : "nothing said"));
  }

  /// Up to where the story begins.
  Result<void> prepare(std::string_view name) {
    TRY(world.found());
    machine = TRY(world.new_machine("device"));
    machine->boot();
    if (name == "attest") TRY(run_until(is_enrolled));
    if (name == "release") {
      TRY(run_until(is_settled));
      device = machine->agent().records().get<device::record::Identity>()->device;
      TRY(world.owner().let_go(world.host().deps(), device, world.clock().wall_time()));
    }
    device_base = machine->faults().calls();
    service_base = world.host().faults().calls();
    return {};
  }

  /// To where the calls end that are cut.
  Result<void> play(std::string_view name) {
    return name == "enroll"    ? run_until(is_enrolled)
           : name == "release" ? run_until(is_released)
                               : run_until(is_settled);
  }

  /// From there to a device that is healthy as itself.
  Result<void> finish(std::string_view name) {
    if (name == "release") {
      TRY(require_state(ports::DeviceState::Released, 1));
      const WallTime now = world.clock().wall_time();
      TRY(world.owner().expect_key(world.host().deps(), machine->endorsement_sha256(), now));
      machine->give_ticket(TRY(world.owner().ticket(world.host().deps(), {}, now)));
    }
    TRY(run_until(is_settled));
    if (name == "release") TRY(require_state(ports::DeviceState::Enrolled, 2));
    return invariants.check_store(world.host());
  }

  Result<void> require_state(ports::DeviceState state, std::int64_t enrolments) {
    return world.host().deps().store.read([&](ports::Transaction& tx) -> Result<void> {
      const auto row = TRY(ports::Table<ports::DeviceRow>(tx).find(kCatalog, device));
      if (row && row->state == state && row->enrolments == enrolments) return {};
      return fail(Next::Corrupt, kStoryNotFinished, cat("the record of ", device, " is in another state"));
    });
  }

  void cut(Schedule schedule) {
    for (auto& one : schedule.device) one.call += device_base;
    for (auto& one : schedule.service) one.call += service_base;
    machine->faults().schedule(std::move(schedule.device));
    world.host().faults().schedule(std::move(schedule.service));
  }
};

Result<void> run_schedule(std::string_view name, std::uint64_t seed, const Schedule& schedule) {
  Story story(seed);
  TRY(story.prepare(name));
  story.cut(schedule);
  TRY(story.play(name));
  return story.finish(name);
}

/// How many calls the uncut story makes.
Result<CrashReport> measure(std::string_view name, std::uint64_t seed) {
  Story story(seed);
  TRY(story.prepare(name));
  TRY(story.play(name));
  return CrashReport{story.machine->faults().calls() - story.device_base,
                     story.world.host().faults().calls() - story.service_base, 0};
}

std::vector<OneCut> all_cuts(const CrashReport& calls) {
  std::vector<OneCut> out;
  for (std::int64_t call = 0; call < calls.device_calls; ++call) {
    out.push_back({Whose::Device, {call, Cut::Before}});
    out.push_back({Whose::Device, {call, Cut::After}});
  }
  // The store names the moments after its steps itself, so that one side of each call is all of them.
  for (std::int64_t call = 0; call < calls.service_calls; ++call) out.push_back({Whose::Service, {call, Cut::Before}});
  return out;
}

void add(Schedule& schedule, const OneCut& one) {
  (one.whose == Whose::Device ? schedule.device : schedule.service).push_back(one.cut);
}

}  // namespace

Result<void> run_one_crash(std::string_view story, std::uint64_t seed, std::string_view schedule) {
  return run_schedule(story, seed, TRY(parse_schedule(schedule)));
}

Result<CrashReport> run_crashes(std::string_view story, std::uint64_t seed, bool pairs, int part, int parts) {
  if (story != "enroll" && story != "attest" && story != "release") {
    return fail(Next::Rejected, kStoryUnknown,
                cat("expected the story enroll, attest or release, saw '", printable(story), "'"));
  }
  CrashReport report = TRY(measure(story, seed));
  const std::vector<OneCut> cuts = all_cuts(report);
  std::int64_t number = 0;
  const auto run = [&](const Schedule& schedule) -> Result<void> {
    if (number++ % parts != part) return {};
    ++report.schedules;
    const auto done = run_schedule(story, seed, schedule);
    if (done) return {};
    return fail_within(cat("repeat with: sim crash ", story, " --seed ", seed, " --schedule ", text_of(schedule)),
                       done.error());
  };
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    Schedule one;
    add(one, cuts[i]);
    TRY(run(one));
    for (std::size_t j = i + 1; pairs && j < cuts.size(); ++j) {
      Schedule two = one;
      add(two, cuts[j]);
      TRY(run(two));
    }
  }
  return report;
}

}  // namespace holdfast::programs::simulation

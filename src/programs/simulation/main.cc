// holdfast-sim: the real agent and the real service on virtual time.
#include <charconv>
#include <cstdio>

#include "base/text.h"
#include "cli/arguments/command.h"
#include "programs/simulation/crash.h"
#include "programs/simulation/fleet.h"
#include "programs/simulation/invariants.h"
#include "programs/simulation/outage.h"
#include "programs/simulation/rollout.h"
#include "programs/simulation/update_story.h"
#include "programs/simulation/years.h"

namespace {

using namespace holdfast;
using namespace holdfast::programs::simulation;

Result<int> number(const cli::Arguments& arguments, std::string_view name, int min, int max) {
  const std::string& text = arguments.text(name);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= min && value <= max) return value;
  return fail(Next::Rejected, cli::kUsageWrong,
              cat("expected ", name, " from ", min, " to ", max, ", saw '", text, "'"));
}

Result<void> fleet(const cli::Arguments& arguments) {
  FleetOptions options;
  options.seed = static_cast<std::uint64_t>(TRY(number(arguments, "--seed", 0, 1'000'000'000)));
  options.devices = TRY(number(arguments, "--devices", 1, 100'000));
  options.hours = TRY(number(arguments, "--hours", 1, 100'000));
  const auto report = run_fleet(options);
  if (!report) {
    return fail_within(
        cat("repeat with: sim --seed ", options.seed, " --devices ", options.devices, " --hours ", options.hours),
        report.error());
  }
  std::printf("%s\n", text_of(*report).c_str());
  return {};
}

Result<void> crash_update(const cli::Arguments& arguments, std::uint64_t seed, int part, int parts) {
  if (arguments.has("--schedule")) return run_one_update_crash(seed, arguments.text("--schedule"));
  UpdateCrashes crashes{.seed = seed, .pairs = Pairs::Neighbours, .part = part, .parts = parts};
  if (arguments.has("--singles")) crashes.pairs = Pairs::None;
  if (arguments.has("--pairs")) crashes.pairs = Pairs::All;
  for (const UpdateCrashReport& one : TRY(run_update_crashes(crashes))) {
    std::printf("update, %s: %lld calls, %lld schedules, all of them to a good end\n", one.story.c_str(),
                static_cast<long long>(one.calls), static_cast<long long>(one.schedules));
  }
  return {};
}

Result<void> crash(const cli::Arguments& arguments) {
  const auto seed = static_cast<std::uint64_t>(TRY(number(arguments, "--seed", 0, 1'000'000'000)));
  const std::string& story = arguments.text("story");
  const int parts = TRY(number(arguments, "--parts", 1, 64));
  const int part = TRY(number(arguments, "--part", 0, parts - 1));
  if (story == "update") return crash_update(arguments, seed, part, parts);
  if (arguments.has("--schedule")) return run_one_crash(story, seed, arguments.text("--schedule"));
  const auto report = TRY(run_crashes(story, seed, !arguments.has("--singles"), part, parts));
  std::printf("%s: %lld device calls, %lld service calls, %lld schedules, all of them to a good end\n", story.c_str(),
              static_cast<long long>(report.device_calls), static_cast<long long>(report.service_calls),
              static_cast<long long>(report.schedules));
  return {};
}

Result<void> rollout(const cli::Arguments& arguments) {
  RolloutOptions options;
  options.seed = static_cast<std::uint64_t>(TRY(number(arguments, "--seed", 0, 1'000'000'000)));
  options.devices = TRY(number(arguments, "--devices", 1, 1'000'000));
  options.failing_percent = TRY(number(arguments, "--failing", 0, 100));
  std::printf("%s\n", text_of(TRY(run_rollout(options))).c_str());
  return {};
}

Result<void> years(const cli::Arguments& arguments) {
  YearsOptions options;
  options.years = TRY(number(arguments, "years", 1, kYearsMax));
  options.devices = TRY(number(arguments, "--devices", 1, 10'000));
  options.seed = static_cast<std::uint64_t>(TRY(number(arguments, "--seed", 0, 1'000'000'000)));
  const YearsReport report = TRY(run_years(options));
  std::printf("%s\n", text_of(report).c_str());
  if (report.violations.empty()) return {};
  return fail(Next::Corrupt, kInvariantBroken,
              cat("expected no violation, saw ", report.violations.size(), "; repeat with: sim years ", options.years,
                  " --devices ", options.devices, " --seed ", options.seed));
}

Result<void> outage(const cli::Arguments& arguments) {
  OutageOptions options;
  options.devices = TRY(number(arguments, "--devices", 40, 10'000));
  options.seed = static_cast<std::uint64_t>(TRY(number(arguments, "--seed", 0, 1'000'000'000)));
  const bool hangs = arguments.has("--hangs");
  if (hangs) options.door = Door::Hangs;
  const auto report = run_outage(options);
  if (!report) {
    return fail_within(
        cat("repeat with: sim outage --seed ", options.seed, " --devices ", options.devices, hangs ? " --hangs" : ""),
        report.error());
  }
  std::printf("%s\n", text_of(*report).c_str());
  return {};
}

const cli::Option kSeed{"--seed", "N", "what repeats the run", false, false, "1"};

cli::Option devices(cli::Literal otherwise) { return {"--devices", "N", "how many", false, false, otherwise}; }

std::vector<cli::Command> commands() {
  return {{"",
           "",
           {kSeed, devices("50"), {"--hours", "H", "of virtual time", false, false, "72"}},
           "  holdfast-sim --seed 1 --devices 50 --hours 72",
           fleet},
          {"crash",
           "Cuts the power at every call of a story, and at every pair of calls.",
           {{"story", "STORY", "enroll, attest, release or update", true},
            kSeed,
            {"--singles", "", "single cuts alone"},
            {"--pairs", "", "update: every pair, and not only those of neighbours"},
            {"--schedule", "CUTS", "one schedule, as a failure prints it"},
            {"--part", "N", "which share of the schedules", false, false, "0"},
            {"--parts", "N", "how many shares", false, false, "1"}},
           "  holdfast-sim crash enroll\n  holdfast-sim crash attest --schedule d12b,s3b",
           crash},
          {"rollout",
           "Takes devices through a deployment in five waves.",
           {kSeed, devices("100000"), {"--failing", "PERCENT", "of them that fall back on it", false, false, "0"}},
           "  holdfast-sim rollout --devices 100000\n  holdfast-sim rollout --failing 40",
           rollout},
          {"outage",
           "Takes the service away for a day in the middle of a deployment's second wave.",
           {kSeed, devices("60"), {"--hangs", "", "connections hang; else they are refused"}},
           "  holdfast-sim outage --hangs",
           outage},
          {"years",
           "Lets devices sleep for days and for years while their owner rotates, releases and rests.",
           {{"years", "N", "how many", true}, devices("24"), kSeed},
           "  holdfast-sim years 10",
           years}};
}

}  // namespace

int main(int argc, char** argv) {
  const cli::Program program{"holdfast-sim", "Runs the real agent and the real service on virtual time.",
                             cli::kExitCodes, commands()};
  return cli::run_program(program, argc, argv);
}

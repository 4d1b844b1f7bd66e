#include "service/rollout/gate.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "base/text.h"

namespace holdfast::service::rollout {
namespace {

constexpr int kSeeds = 1000;
constexpr std::int64_t kFleet = 20'000;
constexpr double kCrashesPerDay = 0.01;  ///< of a device, on the version before
constexpr std::int64_t kWatchedDays = kWatched / days(1);
/// What waves of 1, 10, 25 and 100 % come to; the rest is not played.
constexpr std::int64_t kWaves[] = {kFleet / 100, kFleet / 10, kFleet / 4};

/// Whether something of this rate happens within some days.
double within(double per_day, std::int64_t days_of_it) { return 1 - std::pow(1 - per_day, days_of_it); }

/// A hundred million throws in a second, which a seed of the simulation's kind would not make (SplitMix64).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  bool falls(double probability) {
    std::uint64_t number = state_ += 0x9E3779B97F4A7C15;
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9;
    number = (number ^ number >> 27) * 0x94D049BB133111EB;
    return static_cast<double>((number ^ number >> 31) >> 11) * 0x1.0p-53 < probability;
  }

 private:
  std::uint64_t state_;
};

enum class Lies { None, SayCrash, SayNothing };

struct Played {
  std::int64_t devices = 0;  ///< that had it when it was stopped, or at the end
  bool is_stopped = false;
};

struct Device {
  bool before = false;
  bool since = false;
  bool lies = false;
};

/// A day of the devices of one wave.
void live(std::vector<Device>& wave, double rate, Lies lies, Dice& dice, Pairs& crashes) {
  for (Device& device : wave) {
    const bool crashes_now = device.lies ? lies == Lies::SayCrash : dice.falls(rate);
    if (!crashes_now || device.since) continue;
    device.since = true;
    if (device.before) {
      --crashes.better;
    } else {
      ++crashes.worse;
    }
  }
}

/// Waves of devices, each watched for a week and looked at each day.
Played play(std::uint64_t seed, double rate_since, Lies lies) {
  Dice dice(seed);
  Tally tally;
  Pairs& crashes = tally.pairs[static_cast<std::size_t>(Harm::Crash)];
  for (const std::int64_t reach : kWaves) {
    std::vector<Device> wave(static_cast<std::size_t>(reach - tally.took));
    for (Device& device : wave) {
      device.lies = lies != Lies::None && dice.falls(1.0 / kLiarsOneIn);
      device.before = !device.lies && dice.falls(within(kCrashesPerDay, kWatchedDays));
      crashes.better += device.before ? 1 : 0;
    }
    tally.took = tally.confirmed = reach;
    for (std::int64_t day = 0; day < kWatchedDays; ++day) {
      live(wave, rate_since, lies, dice, crashes);
      if (harm_of(tally)) return {reach, true};
    }
  }
  return {kFleet / 4, false};
}

int stopped(double rate_since, Lies lies, std::int64_t devices_max = kFleet) {
  int out = 0;
  for (int seed = 0; seed < kSeeds; ++seed) {
    const Played played = play(static_cast<std::uint64_t>(seed), rate_since, lies);
    out += played.is_stopped && played.devices <= devices_max ? 1 : 0;
  }
  return out;
}

}  // namespace

TEST_CASE("over a thousand seeds a release that changes nothing is stopped in at most two of a hundred") {
  const int stops = stopped(kCrashesPerDay, Lies::None);
  MESSAGE("false stops: ", stops, " of ", kSeeds);
  CHECK(stops <= kSeeds * 2 / 100);
}

TEST_CASE("a doubled crash rate is stopped before a quarter of the fleet has it, in at least 95 of a hundred") {
  const int stops = stopped(2 * kCrashesPerDay, Lies::None, kFleet / 4 - 1);
  MESSAGE("stopped in time: ", stops, " of ", kSeeds);
  CHECK(stops >= kSeeds * 95 / 100);
}

TEST_CASE("one liar in a hundred devices cannot stop a release that changes nothing") {
  const int stops = stopped(kCrashesPerDay, Lies::SayCrash);
  MESSAGE("stopped by liars: ", stops, " of ", kSeeds);
  CHECK(stops <= kSeeds * 2 / 100);
}

TEST_CASE("nor can they carry one through that doubles the crashes") {
  const int stops = stopped(2 * kCrashesPerDay, Lies::SayNothing, kFleet / 4 - 1);
  MESSAGE("stopped in spite of liars: ", stops, " of ", kSeeds);
  CHECK(stops >= kSeeds * 95 / 100);
}

TEST_CASE("a release that fails on the first devices is stopped by them") {
  CHECK(harm_of({.took = 3, .confirmed = 0}));
  CHECK_FALSE(harm_of({.took = 1, .confirmed = 0}));
  CHECK_FALSE(harm_of({.took = 2, .confirmed = 1}));
  CHECK(harm_of({.took = 6, .confirmed = 2}));
  CHECK_FALSE(harm_of({.took = 100, .confirmed = 98}));
  CHECK_FALSE(harm_of({}));
  const auto why = harm_of({.took = 3, .confirmed = 0});
  REQUIRE(why);
  CHECK(why->find("3 of 3") != std::string::npos);
}

}  // namespace holdfast::service::rollout

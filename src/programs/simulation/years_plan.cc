#include "programs/simulation/years_plan.h"

#include <algorithm>

namespace holdfast::programs::simulation {
namespace {

using sim::random::SeededRandom;

constexpr Duration kTimestampsApart = days(14);
constexpr Duration kHolidayFrom = days(140);  ///< of its year
constexpr Duration kHolidayUntil = days(195);
constexpr Duration kLastWaking = days(20);  ///< before the end
constexpr Duration kAwakeMin = days(4);

/// The owner goes every third year.
int holiday_year(int years) { return years == 1 ? 0 : 1; }

bool is_on_holiday(Instant at, int years) {
  const auto year = static_cast<int>((at - Instant{}) / kYear);
  const Duration day = (at - Instant{}) % kYear;
  return year % 3 == holiday_year(years) && day >= kHolidayFrom && day < kHolidayUntil;
}

Duration up_to(SeededRandom& chance, Duration most) {
  return seconds(static_cast<std::int64_t>(chance.below(static_cast<std::uint64_t>(most / seconds(1)) + 1)));
}

/// From a day to `most`, each doubling as likely as the next.
Duration drawn_length(SeededRandom& chance, Duration most) {
  std::uint64_t doublings = 0;
  while (days(std::int64_t{1} << (doublings + 1)) <= most) ++doublings;
  const Duration base = days(std::int64_t{1} << chance.below(doublings + 1));
  return std::min(most, base + up_to(chance, base));
}

void add_drawn(std::vector<Sleep>& out, Instant from, Instant end, SeededRandom& chance) {
  constexpr Duration kUnreachedMax = days(30);
  const Instant last = end + -kLastWaking;
  Instant at = from + up_to(chance, days(60));
  while (at + days(2) < last) {
    Sleep sleep;
    sleep.from = at;
    sleep.until = at + drawn_length(chance, std::min(last - at, kYear * 9));
    sleep.is_off = sleep.until - at > kUnreachedMax || chance.below(2) == 0;
    sleep.clock = static_cast<WakingClock>(chance.below(kWakingClocks));
    out.push_back(sleep);
    at = sleep.until + kAwakeMin + up_to(chance, days(40));
  }
}

}  // namespace

std::vector<OwnersAct> owners_acts(int years, SeededRandom chance) {
  struct Yearly {
    Duration day;
    Act act;
  };
  constexpr Yearly kYearly[] = {{days(20), Act::ReleaseApplication},  {days(60), Act::ReleaseSystem},
                                {days(120), Act::ReleaseApplication}, {days(200), Act::RotateKeys},
                                {days(250), Act::RotateAuthorities},  {days(300), Act::ReleaseApplication}};
  std::vector<OwnersAct> out;
  for (int year = 0; year < years; ++year) {
    for (const Yearly& one : kYearly) {
      out.push_back({Instant{} + kYear * year + one.day + up_to(chance, days(15)), one.act});
    }
  }
  const Instant end = Instant{} + kYear * years;
  for (Instant at = Instant{} + kTimestampsApart; at < end; at = at + kTimestampsApart) {
    if (!is_on_holiday(at, years)) out.push_back({at, Act::RenewTimestamp});
  }
  std::ranges::stable_sort(out, {}, &OwnersAct::at);
  return out;
}

Duration ahead_of(WakingClock clock, WallTime now) {
  switch (clock) {
    case WakingClock::Right: return {};
    case WakingClock::Epoch: return WallTime{} - now;
    case WakingClock::Behind: return -kYear * 5;
    case WakingClock::Ahead: return kYear * 3;
    case WakingClock::Far: return kYear * 40;
  }
  return {};
}

std::vector<Sleep> sleeps_of(int device, int years, SeededRandom chance) {
  const Instant begin;
  const Instant end = begin + kYear * years;
  const Duration edge = kYear * 2 / 5;
  std::vector<Sleep> out;
  if (device < 2) {
    const WakingClock clock = device == 0 ? WakingClock::Epoch : WakingClock::Far;
    out.push_back({begin + edge, end + -edge, true, clock});
  } else if (device == 2) {
    for (int nap = 1; nap <= 20; ++nap) {
      const Instant from = begin + days(4) * nap;
      out.push_back({from, from + days(1), nap % 2 == 0, static_cast<WakingClock>(nap % kWakingClocks)});
    }
    add_drawn(out, out.back().until + kAwakeMin, end, chance);
  } else if (device == 3) {
    const Instant year = begin + kYear * holiday_year(years);
    out.push_back({year + days(100), year + days(180), true, WakingClock::Right});
    add_drawn(out, year + kHolidayUntil + kAwakeMin, end, chance);
  } else {
    add_drawn(out, begin + kAwakeMin, end, chance);
  }
  return out;
}

}  // namespace holdfast::programs::simulation

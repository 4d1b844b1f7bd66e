// What is to happen in a run of years, drawn from its seed: what the owner does and when; when each device sleeps, how,
// and what its clock says when it wakes. The extremes are not left to chance.
#pragma once

#include <vector>

#include "base/time.h"
#include "sim/random/seeded_random.h"

namespace holdfast::programs::simulation {

inline constexpr Duration kYear = days(365);
/// The owner renews the timestamp every two weeks, for a month; on holiday nobody does.
inline constexpr Duration kTimestampLife = days(30);

enum class Act {
  ReleaseSystem,
  ReleaseApplication,
  RotateKeys,  ///< root, every role of the image repository, director, trust policy
  RotateAuthorities,
  RenewTimestamp,
};
struct OwnersAct {
  Instant at;
  Act act;
};
/// In the order of their times. Nothing but timestamps in the last days, so that every device can settle.
std::vector<OwnersAct> owners_acts(int years, sim::random::SeededRandom chance);

enum class WakingClock {
  Right,
  Epoch,   ///< 1970
  Behind,  ///< by years
  Ahead,   ///< by a few years
  Far,     ///< ahead of the end of everything that is signed
};
inline constexpr int kWakingClocks = 5;
/// How far it is from the world's clock at `now`.
Duration ahead_of(WakingClock clock, WallTime now);

struct Sleep {
  Instant from;
  Instant until;
  bool is_off = true;  ///< else it runs, and has no network
  WakingClock clock = WakingClock::Right;
};
/// Of device number `device`. The first two sleep over every rotation, 0.8 years short of the whole; the third takes
/// naps of a day; the fourth wakes while the owner is on holiday and the repository has expired.
std::vector<Sleep> sleeps_of(int device, int years, sim::random::SeededRandom chance);

}  // namespace holdfast::programs::simulation

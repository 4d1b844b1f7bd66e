#include "service/rollout/gate.h"

#include <cmath>

#include "base/text.h"

namespace holdfast::service::rollout {
namespace {

/// A likelihood ratio under what is to be rejected passes 1/a anywhere on its way with a probability of at most a
/// (Ville's inequality), so that no look has to be paid for.
const double kEnough = std::log(static_cast<double>(kHarms + 1) / kFalseStops);

/// Of two words that differ, the worse one is as likely as the better where nothing has changed, and twice as likely
/// where the rate has doubled.
constexpr double kWorseIfSame = 1.0 / 2;
constexpr double kWorseIfDoubled = 2.0 / 3;

/// One device in fifty falls back for reasons of its own; a release that does not work fails on one in five or more.
constexpr double kFailsIfSound = 0.02;
constexpr double kFailsIfBroken = 0.2;

std::int64_t liars_among(std::int64_t devices) { return (devices + kLiarsOneIn - 1) / kLiarsOneIn; }

double ratio(double events, double if_harmful, double if_harmless) {
  return events * std::log(if_harmful / if_harmless);
}

bool is_worse(const Pairs& pairs, std::int64_t took) {
  const std::int64_t worse = pairs.worse - liars_among(took);
  if (worse <= 0) return false;
  return ratio(static_cast<double>(worse), kWorseIfDoubled, kWorseIfSame) +
             ratio(static_cast<double>(pairs.better), 1 - kWorseIfDoubled, 1 - kWorseIfSame) >=
         kEnough;
}

bool fails_often(const Tally& tally) {
  const auto failed = static_cast<double>(tally.took - tally.confirmed);
  return ratio(failed, kFailsIfBroken, kFailsIfSound) +
             ratio(static_cast<double>(tally.confirmed), 1 - kFailsIfBroken, 1 - kFailsIfSound) >=
         kEnough;
}

std::string fell_back(const Tally& tally) {
  return cat(tally.took - tally.confirmed, " of ", tally.took, " devices that tried it fell back");
}

}  // namespace

std::string_view name_of(Harm harm) {
  constexpr std::string_view kNames[kHarms] = {"crash", "failed-boot", "fallback", "unhealthy"};
  return kNames[static_cast<std::size_t>(harm)];
}

std::optional<std::string> harm_of(const Tally& tally) {
  if (fails_often(tally)) return fell_back(tally);
  for (std::size_t i = 0; i < kHarms; ++i) {
    const Pairs& pairs = tally.pairs[i];
    if (!is_worse(pairs, tally.took)) continue;
    return cat(name_of(static_cast<Harm>(i)), ": ", pairs.worse, " of ", tally.took,
               " devices that had none before have it since, ", pairs.better, " had it before and have none since");
  }
  return std::nullopt;
}

}  // namespace holdfast::service::rollout

#include "bench/compare.h"

#include <time.h>

#include <algorithm>

#include "base/check.h"

namespace holdfast::bench {
namespace {

constexpr std::int64_t kCallsMax = 10'000'000;

std::int64_t time_of(const std::function<void()>& call, std::int64_t calls, const CpuClock& clock) {
  const std::int64_t begin = clock();
  for (std::int64_t i = 0; i < calls; ++i) call();
  return clock() - begin;
}

/// How many calls fill one turn; finding out warms the caches too.
std::int64_t calls_per_turn(const std::function<void()>& call, Duration turn, const CpuClock& clock) {
  const std::int64_t turn_ns = turn.count() * 1'000'000;
  for (std::int64_t calls = 1; calls < kCallsMax; calls *= 2) {
    const std::int64_t took = time_of(call, calls, clock);
    if (took * 4 >= turn_ns) return std::clamp<std::int64_t>(calls * turn_ns / took, 1, kCallsMax);
  }
  return kCallsMax;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

std::int64_t thread_cpu_ns() {
  timespec now{};
  CHECK_INVARIANT(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

Measured measure(const Comparison& comparison, const Effort& effort, const CpuClock& clock) {
  CHECK_INVARIANT(effort.rounds >= kRoundsMin);
  const std::int64_t subject_calls = calls_per_turn(comparison.subject, effort.turn, clock);
  const std::int64_t peer_calls = calls_per_turn(comparison.peer, effort.turn, clock);
  const double per_us = 1000.0 * static_cast<double>(comparison.per_call);
  std::vector<double> ratios;
  std::vector<double> subject_us;
  std::vector<double> peer_us;
  for (int round = 0; round < effort.rounds; ++round) {
    // Who begins alternates, so that a drift within a round favours neither.
    double subject = 0;
    double peer = 0;
    for (const bool subjects_turn : {round % 2 == 0, round % 2 != 0}) {
      const std::int64_t calls = subjects_turn ? subject_calls : peer_calls;
      const std::int64_t took = time_of(subjects_turn ? comparison.subject : comparison.peer, calls, clock);
      (subjects_turn ? subject : peer) = static_cast<double>(took) / static_cast<double>(calls) / per_us;
    }
    ratios.push_back(subject / peer);
    subject_us.push_back(subject);
    peer_us.push_back(peer);
  }
  const auto [lowest, highest] = std::minmax_element(ratios.begin(), ratios.end());
  return {.ratio = median(ratios),
          .lowest = *lowest,
          .highest = *highest,
          .subject_us = median(subject_us),
          .peer_us = median(peer_us)};
}

}  // namespace holdfast::bench

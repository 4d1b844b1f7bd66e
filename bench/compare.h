// One claim about speed: a thing against a named peer, as a ratio with a bound. Both run in turn, and CPU time is what
// counts, that of this thread or of the servers that it calls, so that a busy machine slows both alike; the median over
// the rounds decides.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/time.h"

namespace holdfast::bench {

struct Comparison {
  std::string name;      ///< `./do bench NAME`
  std::string what;      ///< the thing, in words
  std::string against;   ///< its peer, in words
  double ratio_max = 0;  ///< the bound
  std::function<void()> subject;
  std::function<void()> peer;
  std::function<std::int64_t()> cpu_ns = {};  ///< of who does the work; empty: this thread
  std::size_t per_call = 1;                   ///< how often a call of either does the thing
};

struct Measured {
  double ratio = 0;  ///< median over the rounds of subject / peer
  double lowest = 0;
  double highest = 0;
  double subject_us = 0;  ///< median per call
  double peer_us = 0;
};

/// A claim that has no peer: a number with its bound.
struct Figure {
  std::string what;
  std::string unit;
  double value = 0;
  double bound = 0;
  bool at_least = false;  ///< else at most
};

inline constexpr int kRoundsMin = 5;

/// CPU time that this thread has used, in nanoseconds.
using CpuClock = std::function<std::int64_t()>;
std::int64_t thread_cpu_ns();

struct Effort {
  int rounds = 15;               ///< at least kRoundsMin
  Duration turn = Duration(40);  ///< about how long one side runs before it is the other's turn
};

Measured measure(const Comparison& comparison, const Effort& effort, const CpuClock& clock = thread_cpu_ns);

/// Keeps a result from being optimised away.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

}  // namespace holdfast::bench

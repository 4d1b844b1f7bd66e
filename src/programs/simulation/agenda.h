// When each machine of a simulation is to be stepped next; of machines that are due together, the first goes first.
#pragma once

#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "base/time.h"

namespace holdfast::programs::simulation {

class Agenda {
 public:
  struct Due {
    Instant at;
    std::size_t machine;
  };

  /// In the place of what was planned for the machine.
  void plan(std::size_t machine, Instant at) { queue_.push({at, machine, ++plan_of(machine)}); }
  /// Nothing is due for it until it is planned anew.
  void drop(std::size_t machine) { ++plan_of(machine); }

  std::optional<Instant> next() {
    settle();
    return queue_.empty() ? std::nullopt : std::optional(queue_.top().at);
  }
  /// The next one, where it is due by `end`.
  std::optional<Due> take(Instant end) {
    settle();
    if (queue_.empty() || queue_.top().at > end) return std::nullopt;
    const Due due{queue_.top().at, queue_.top().machine};
    queue_.pop();
    return due;
  }

 private:
  struct Planned {
    Instant at;
    std::size_t machine;
    std::uint64_t plan;  ///< an older one is void
    friend bool operator>(const Planned& a, const Planned& b) {
      return std::pair(a.at, a.machine) > std::pair(b.at, b.machine);
    }
  };

  std::uint64_t& plan_of(std::size_t machine) {
    if (plans_.size() <= machine) plans_.resize(machine + 1);
    return plans_[machine];
  }
  void settle() {
    while (!queue_.empty() && queue_.top().plan != plans_[queue_.top().machine]) queue_.pop();
  }

  std::vector<std::uint64_t> plans_;
  std::priority_queue<Planned, std::vector<Planned>, std::greater<>> queue_;
};

}  // namespace holdfast::programs::simulation

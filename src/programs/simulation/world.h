// The smallest whole: one clock, one service, its owner, and machines that come to it.
#pragma once

#include <cstdint>

#include "programs/simulation/invariants.h"
#include "programs/simulation/owner.h"

namespace holdfast::programs::simulation {

class World {
 public:
  explicit World(std::uint64_t seed);

  /// The catalog stands and knows what a good boot is.
  Result<void> found();
  /// A machine whose key the owner expects, with a ticket of its own, not yet switched on.
  Result<std::unique_ptr<Machine>> new_machine(std::string_view name, const std::optional<FirstImages>& first = {});

  sim::clock::VirtualClock& clock() { return clock_; }
  ServiceHost& host() { return host_; }
  Owner& owner() { return owner_; }
  sim::random::SeededRandom fork(std::string_view label) const { return random_.fork(label); }

 private:
  sim::random::SeededRandom random_;
  sim::clock::VirtualClock clock_;
  ServiceHost host_;
  Owner owner_;
};

/// Attested healthy in this boot, and seen by the service with that certificate.
bool is_settled(const Machine& machine);

}  // namespace holdfast::programs::simulation

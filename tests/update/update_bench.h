// A device with version 1.0 and a release 2.0 beside it, for the tests of updates.
#pragma once

#include <doctest/doctest.h>

#include "delta/make/delta.h"
#include "programs/simulation/update_machine.h"

namespace holdfast::tests {

using programs::simulation::KnownImage;
using programs::simulation::UpdateMachine;

inline const KnownImage kFirst{.version = "1.0", .security_version = 1};
inline const KnownImage kSecond{.version = "2.0", .security_version = 2};

struct UpdateBench {
  explicit UpdateBench(bool needs_boot = true) : machine(7, "main", needs_boot, kFirst) {
    machine.release(kFirst, machine.image(kFirst));
  }

  std::string release(const KnownImage& known, const UpdateMachine::Change& change = {}) {
    return machine.release(known, machine.image(known), {}, change);
  }
  /// With a delta from the first.
  std::string release_delta(const KnownImage& known) {
    const Blob from = machine.image(kFirst);
    const Blob to = machine.image(known);
    auto delta = delta::make::make_delta(from, to);
    REQUIRE(delta);
    return machine.release(known, to, {{from, *std::move(delta)}});
  }
  void direct(const std::string& path) { machine.direct({path}); }

  std::string running() { return machine.running() == nullptr ? "nothing" : machine.running()->version; }
  const wire::CheckInRequest& said() { return machine.service().last_check_in(); }
  /// What the device says of its only component: a phase and a reason.
  std::string state() {
    if (said().updates.empty()) return "";
    const wire::UpdateState& one = said().updates.front();
    return std::string(wire::name_of(one.phase)) + " " + one.reason;
  }
  bool has_followed() {
    return said().director == machine.service().releases().director_version(machine.device()) && said().director > 0;
  }
  bool is_done() { return has_followed() && said().updates.empty(); }
  bool has_said(std::string_view expected) { return has_followed() && state() == expected; }
  bool runs_within(Duration time, const std::string& version) {
    return machine.run_until([&] { return is_done() && running() == version; }, time).has_value();
  }
  bool says_within(Duration time, std::string_view expected) {
    return machine.run_until([&] { return has_said(expected); }, time).has_value();
  }
  void pass(Duration time) {
    const Instant end = machine.clock().now() + time;
    REQUIRE(machine.run_until([&] { return machine.clock().now() >= end; }, time + hours(2)));
  }

  UpdateMachine machine;
};

}  // namespace holdfast::tests

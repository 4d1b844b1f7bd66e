// A few real agents and the real service on virtual time, while the owner goes through the steps of a rotation by the
// service's own routes. A relying service that is as lazy as it may be watches: it fetches lists only when those that
// it has are over, and must accept every certificate that a device holds.
#pragma once

#include <doctest/doctest.h>

#include "programs/simulation/world.h"
#include "trust/x509/crl.h"

namespace holdfast::tests {

class RotationFleet {
 public:
  /// Client certificates live for ten minutes. The devices are settled.
  explicit RotationFleet(std::uint64_t seed, int devices = 2);

  /// Time goes on; every device does what is due, and the relying service looks at each of them.
  void run(Duration time);

  /// What an operator is answered; nothing when the service lost its power on the way.
  std::optional<service::Response> ask(std::string_view method, std::string_view path, const json::Value& body = {});
  /// The same until it is answered, which must be well.
  json::Value told(std::string_view method, std::string_view path, const json::Value& body = {});
  /// What `holdfast authority rotate` does, as often as it takes where the service is cut off on the way.
  void rotate(std::string_view authority) { certify_next(authority, "announced"); }
  void retire(std::string_view authority, std::int64_t number);
  /// Asks until nothing is left.
  void distrust(std::string_view authority, std::int64_t number);
  /// What `holdfast authority distrust` does: the same, and the next one where none is in force.
  void distrust_and_replace(std::string_view authority, std::int64_t number) {
    distrust(authority, number);
    certify_next(authority, "in-force");
  }
  std::string state_of(std::string_view authority, std::int64_t number);

  /// The CAs of the certificates that the devices hold, `acme client CA 1` for each; `none` for who has none.
  std::vector<std::string> issuers(ports::KeyPurpose purpose);
  sim::fault::Faults& faults() { return world_.host().faults(); }
  /// Check-ins that were answered, and not well.
  int refused_check_ins();
  /// Certificates that the relying service did not accept, each with why; none twice.
  const std::vector<std::string>& refused_by_relying() const { return refused_; }
  void forget_refusals() { refused_.clear(); }
  template <class Row>
  std::optional<Row> find(ports::KeyPurpose purpose, std::int64_t number) {
    std::optional<Row> out;
    REQUIRE(world_.host().store().read([&](ports::Transaction& tx) -> Result<void> {
      out = TRY(ports::Table<Row>(tx).find(programs::simulation::kCatalog, purpose, number));
      return {};
    }));
    return out;
  }

 private:
  /// Until one is in this state.
  void certify_next(std::string_view authority, std::string_view state);
  void let_relying_service_look(const programs::simulation::Machine& machine);
  void fetch_lists();
  WallTime now() { return world_.clock().wall_time(); }

  programs::simulation::World world_;
  std::string token_;
  std::vector<std::unique_ptr<programs::simulation::Machine>> machines_;
  std::vector<Instant> due_;
  std::vector<trust::x509::Crl> lists_;
  std::vector<std::string> refused_;
};

}  // namespace holdfast::tests

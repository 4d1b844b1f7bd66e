// What must hold at every moment of every run, whatever was lost, doubled or cut. Looks at the store as an auditor
// would and remembers what devices were told, so that nothing acknowledged can be lost unseen.
#pragma once

#include <map>
#include <string>

#include "programs/simulation/machine.h"

namespace holdfast::programs::simulation {

inline constexpr Reason kInvariantBroken{"invariant-broken"};

class Invariants {
 public:
  /// One endorsement key has one id, for ever, as the device was told.
  Result<void> check_device(ServiceHost& host, const Machine& machine);
  /// No certificate in force without an appraisal that permits it; no two ids for one key; every end of a certificate
  /// is told to the owner's webhook; every audit chain holds and continues what was seen before.
  Result<void> check_store(ServiceHost& host);

  std::size_t certificates_seen() const { return certificates_; }

 private:
  Result<void> check_certificates(ports::Transaction& tx, WallTime now);
  Result<void> check_devices(ports::Transaction& tx);
  Result<void> check_told(ports::Transaction& tx);
  Result<void> check_audit(ports::Transaction& tx);

  std::map<Digest256, std::string> told_;  ///< endorsement key to the id that its device was told
  std::int64_t audited_ = 0;               ///< entries of the chain that were checked, and are not checked again
  Digest256 audit_hash_{};
  std::size_t certificates_ = 0;
};

}  // namespace holdfast::programs::simulation

// The owner of the simulation's catalog: keys that the service never sees, the documents signed with them, and what an
// owner asks of the service.
#pragma once

#include "programs/simulation/service_host.h"
#include "trust/appraisal/reference_set.h"
#include "trust/crypto/key.h"

namespace holdfast::programs::simulation {

inline constexpr std::string_view kCatalog = "acme";
inline constexpr std::string_view kProduct = "gateway";
inline constexpr std::string_view kGroup = "field";

class Owner {
 public:
  explicit Owner(sim::random::SeededRandom random);

  /// Catalog, authorities, trust policy, product and group.
  Result<void> found_catalog(ServiceHost& host, WallTime now);
  Result<void> allow(ServiceHost& host, const trust::appraisal::ReferenceSet& set, WallTime now);
  Result<void> expect_key(ServiceHost& host, const Digest256& ek_sha256, WallTime now);
  /// The file of a claim ticket; for one device where `device` names it.
  Result<Blob> ticket(ServiceHost& host, std::optional<std::string> device, WallTime now);

 private:
  Result<Blob> root(WallTime now);
  Result<Blob> trust_policy(ServiceHost& host, WallTime now);
  Result<void> certify(ServiceHost& host, WallTime now);

  sim::random::SeededRandom random_;
  trust::crypto::PrivateKey root_key_;
  trust::crypto::PrivateKey client_root_key_;
  trust::crypto::PrivateKey update_root_key_;
};

}  // namespace holdfast::programs::simulation

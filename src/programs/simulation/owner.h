// The owner of one catalog of a simulation: keys that the service never sees, the documents signed with them, and what
// an owner asks of the service.
#pragma once

#include "service/catalog/catalogs.h"
#include "sim/random/seeded_random.h"
#include "trust/appraisal/reference_set.h"
#include "trust/crypto/key.h"
#include "trust/tuf/catalog_export.h"
#include "trust/tuf/trust_policy.h"

namespace holdfast::programs::simulation {

inline constexpr std::string_view kCatalog = "acme";
inline constexpr std::string_view kProduct = "gateway";
inline constexpr std::string_view kGroup = "field";
inline constexpr std::string_view kWebhook = "relying";

class Owner {
 public:
  explicit Owner(sim::random::SeededRandom random, std::string_view catalog = kCatalog);

  /// Catalog, authorities, trust policy, product and group.
  Result<void> found_catalog(service::Deps& deps, WallTime now);
  /// What the offline root makes of an issuing CA's request.
  Result<service::catalog::CertifiedAuthority> certified(ports::KeyPurpose purpose, std::int64_t number, Bytes spki,
                                                         WallTime now);
  /// A webhook for every end of a certificate.
  Result<void> subscribe(service::Deps& deps, WallTime now);
  Result<void> allow(service::Deps& deps, const trust::appraisal::ReferenceSet& set, WallTime now);
  /// The next trust policy, under which chips of these makers may enrol with their endorsement certificate.
  Result<void> trust_makers(service::Deps& deps, std::vector<Blob> tpm_roots, WallTime now);
  Result<void> expect_key(service::Deps& deps, const Digest256& ek_sha256, WallTime now);
  /// Names the service's director in the next trust policy; `renew`: with a new key.
  Result<void> appoint_director(service::Deps& deps, WallTime now, bool renew = false);
  /// The next root: new keys for the root role, whose former one signs it too, and for each role of the image
  /// repository. Trust policy and repository are signed anew by whoever rotates.
  Result<void> rotate_root(service::Deps& deps, WallTime now);
  /// The next issuing CAs, announced; those that nothing is left of are retired.
  Result<void> rotate_authorities(service::Deps& deps, WallTime now);
  /// By a role of the image repository: by the root role's key until the first rotation.
  Result<Blob> sign(trust::tuf::RoleName role, Result<trust::tuf::Envelope> document);
  std::int64_t roots() const { return roots_; }
  /// The owner lets a device go.
  Result<void> let_go(service::Deps& deps, const std::string& device, WallTime now);
  /// The statement of an archive.
  Result<Blob> vouch(const trust::tuf::CatalogExport& archive);
  /// The file of a claim ticket; for one device where `device` names it.
  Result<Blob> ticket(service::Deps& deps, std::optional<std::string> device, WallTime now);

 private:
  Result<Blob> root(WallTime now);
  Result<Blob> trust_policy(service::Deps& deps, WallTime now);
  Result<void> publish_policy(service::Deps& deps, WallTime now);
  Result<void> certify(service::Deps& deps, WallTime now);

  std::string catalog_;
  sim::random::SeededRandom random_;
  trust::crypto::PrivateKey root_key_;
  std::map<trust::tuf::RoleName, trust::crypto::PrivateKey> role_keys_;
  trust::crypto::PrivateKey client_root_key_;
  trust::crypto::PrivateKey update_root_key_;
  Blob client_root_;  ///< certificates, made at their first use
  Blob update_root_;
  std::vector<Blob> tpm_roots_;
  std::optional<trust::tuf::Director> director_;
  std::int64_t trust_policies_ = 0;  ///< signed so far; numbers the newest
  std::int64_t roots_ = 0;
};

}  // namespace holdfast::programs::simulation

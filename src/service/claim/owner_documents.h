// The documents that a catalog's owner signed, as the service keeps them: the chain of roots and the trust policies.
// The service verifies what it is given and can forge none of it; which TPM makers are trusted is the owner's word
// alone.
#pragma once

#include "ports/store/rows/catalog.h"
#include "service/deps.h"
#include "service/request.h"
#include "trust/tuf/trust_policy.h"
#include "wire/bootstrap.h"

namespace holdfast::service::claim {

/// The newest trust policy and the roots up to the one that it verifies under, for a device that begins. A change of
/// the owner's keys takes effect with the first trust policy that the new ones sign; until then the one before stays.
Result<wire::Bootstrap> bootstrap(ports::Transaction& tx, std::string_view catalog);

/// The newest root, verified from the first on.
Result<trust::Verified<trust::tuf::Root>> current_root(ports::Transaction& tx, std::string_view catalog);
/// The newest trust policy, verified as for bootstrap().
Result<trust::Verified<trust::tuf::TrustPolicy>> current_trust_policy(ports::Transaction& tx, std::string_view catalog);
/// Its number; 0 where there is none yet.
Result<std::int64_t> trust_policy_number(ports::Transaction& tx, std::string_view catalog);

/// Certificates of the TPM makers whose chips may enrol, DER.
Result<std::vector<Blob>> tpm_roots_of(ports::Transaction& tx, std::string_view catalog);

/// Takes root n+1, or root 1 of a new catalog.
Result<void> add_root(ports::Transaction& tx, std::string_view catalog, Bytes envelope, const Caller& by, WallTime now);
/// Takes the next trust policy: signed by the root role, its number higher.
Result<void> add_trust_policy(ports::Transaction& tx, std::string_view catalog, Bytes envelope, const Caller& by,
                              WallTime now);

}  // namespace holdfast::service::claim

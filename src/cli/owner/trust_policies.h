// A catalog's trust policy, from the owner's side: the one in force, verified by the owner's own root and never older
// than the last one seen here; and the next one, signed with the keys at hand. Where those are fewer than the threshold
// it becomes a draft, a file for the next holder.
#pragma once

#include "cli/owner/document.h"
#include "cli/owner/folder.h"
#include "cli/session/session.h"

namespace holdfast::cli::owner {

inline constexpr Reason kRootUnpublished{"root-unpublished"};
inline constexpr Reason kServiceCaForeign{"service-ca-foreign"};
inline constexpr Reason kSignaturesMissing{"signatures-missing"};

/// In force until then unless the owner says otherwise; a new number starts it anew.
inline constexpr Duration kTrustPolicyLife = days(5 * 365);

/// None: the catalog has no trust policy yet.
Result<std::optional<trust::tuf::TrustPolicy>> trust_policy_in_force(World& world, Session& session,
                                                                     const Folder& folder, const std::string& catalog);

/// The first trust policy of a catalog as the service describes itself, under the CA that login pinned.
Result<trust::tuf::TrustPolicy> first_trust_policy(World& world, Session& session, const std::string& catalog);

/// The one in force, with the next number and a fresh life. What counts once, a lowered time floor, is not repeated.
Result<trust::tuf::TrustPolicy> next_trust_policy(World& world, Session& session, const Folder& folder,
                                                  const std::string& catalog);

/// What was last published from here, as it was signed; NotFound where nothing was.
Result<Blob> published_trust_policy(Files& files, const Folder& folder, const std::string& catalog);

/// Signs it and publishes it, or writes the draft. Returns what happened, as a sentence.
Result<std::string> issue(World& world, Session& session, const Folder& folder, const trust::tuf::TrustPolicy& policy);

/// Publishes a document that has all its signatures; of a root or a trust policy the folder keeps a copy.
Result<void> publish(World& world, Session& session, const Folder& folder, const std::string& catalog,
                     const Document& document);

}  // namespace holdfast::cli::owner

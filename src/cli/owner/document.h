// A document that holders of the owner's keys sign, on its way from one to the next: a root, a trust policy, the
// release of a device or the statement of an archive, which the root role signs, the approval of a change, which the
// release key signs, or the metadata of a repository, which the role of its name signs. Whose signatures it needs, and
// how many are missing. Holders may sign in any order, each on a machine of their own.
#pragma once

#include "cli/owner/signers.h"
#include "trust/tuf/catalog_export.h"
#include "trust/tuf/change_approval.h"
#include "trust/tuf/device_release.h"
#include "trust/tuf/targets.h"
#include "trust/tuf/trust_policy.h"

namespace holdfast::cli::owner {

inline constexpr Reason kDocumentUnknown{"document-unknown"};
inline constexpr Reason kKeyHoldsNoRole{"key-holds-no-role"};
inline constexpr Reason kDraftForeign{"draft-foreign"};

enum class DocumentKind {
  Root,
  TrustPolicy,
  ChangeApproval,
  DeviceRelease,
  CatalogExport,
  Targets,
  Snapshot,
  Timestamp,
};
std::string_view name_of(DocumentKind kind);

/// One threshold that must be met.
struct Requirement {
  std::string words;  ///< `root 2`, `the targets role of root 2`
  std::vector<trust::tuf::Key> keys;
  trust::tuf::Role role;
};

struct Document {
  DocumentKind kind;
  std::int64_t version;  ///< an approval's number, a device's enrolments, an archive's pages
  std::string catalog;   ///< empty for a root and for metadata
  WallTime expires;
  trust::tuf::Envelope envelope;
  std::vector<Requirement> requirements;          ///< all of them
  std::optional<trust::tuf::Change> change = {};  ///< of an approval: what its signers agree to
  std::vector<std::string> targets = {};          ///< of targets metadata: the paths that it lists
};

/// Reads a document that may not be signed yet. `current` is the root in force; a root's own keys must sign it too.
Result<Document> document_of(trust::tuf::Envelope envelope, const trust::tuf::Root* current);

/// Targets metadata of the role to which `delegator` delegates.
Result<Document> document_of_delegated(trust::tuf::Envelope envelope, const trust::tuf::Targets& delegator,
                                       std::string_view role);

/// Adds the signatures of those keys that hold a role; kKeyHoldsNoRole where none does. Returns how many signed.
Result<std::size_t> sign(Document& document, const Signers& keys);

/// Whether a draft that was away needs no second look before these keys sign it, or what is made from it: one of them
/// has signed it as it is, it has all its signatures, or none of them could sign it.
Result<bool> is_known(const Document& document, const Signers& keys);

/// `1 of 2 signatures of root 1`, or empty once every requirement is met.
std::string missing(const Document& document);

}  // namespace holdfast::cli::owner

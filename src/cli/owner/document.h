// A document that the owner's root role signs, a root or a trust policy, on its way from holder to holder: whose
// signatures it needs, and how many are missing. Holders may sign in any order, each on a machine of their own.
#pragma once

#include "trust/crypto/key.h"
#include "trust/tuf/trust_policy.h"

namespace holdfast::cli::owner {

inline constexpr Reason kDocumentUnknown{"document-unknown"};
inline constexpr Reason kKeyHoldsNoRole{"key-holds-no-role"};

enum class DocumentKind { Root, TrustPolicy };

/// One threshold that must be met.
struct Requirement {
  std::string words;  ///< `root 2`
  std::vector<trust::tuf::Key> keys;
  trust::tuf::Role role;
};

struct Document {
  DocumentKind kind;
  std::int64_t version;
  std::string catalog;  ///< of a trust policy
  WallTime expires;
  trust::tuf::Envelope envelope;
  std::vector<Requirement> requirements;  ///< all of them
};

/// Reads a document that may not be signed yet. `current` is the root in force; a root's own keys must sign it too.
Result<Document> document_of(trust::tuf::Envelope envelope, const trust::tuf::Root* current);

/// Adds the signatures of those keys that hold a role; kKeyHoldsNoRole where none does. Returns how many signed.
Result<std::size_t> sign(Document& document, const std::vector<trust::crypto::PrivateKey>& keys);

/// `1 of 2 signatures of root 1`, or empty once every requirement is met.
std::string missing(const Document& document);

}  // namespace holdfast::cli::owner

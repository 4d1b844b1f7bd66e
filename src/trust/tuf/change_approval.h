// The release key's approval of one change to what a catalog trusts: it names the change by everything that identifies
// it and repeats in words what the change lets in, so that its signer sees what it does without the service. Signed by
// the targets role of the owner's newest root. The number is counted up in its catalog and never used again, so that a
// signature serves once; another catalog, number, content or wording is refused, and so are members that this version
// does not know.
#pragma once

#include "trust/tuf/root.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kChangeApprovalMalformed{"change-approval-malformed"};
inline constexpr Reason kChangeApprovalForeign{"change-approval-foreign"};
inline constexpr Reason kChangeApprovalReplayed{"change-approval-replayed"};
inline constexpr Reason kChangeApprovalDiffers{"change-approval-differs"};

inline constexpr std::size_t kChangeKindBytesMax = 48;
inline constexpr std::size_t kChangeSubjectBytesMax = 240;
inline constexpr std::size_t kLetsInMax = 64;
inline constexpr std::size_t kLetsInBytesMax = 480;

/// A change that waits in a catalog.
struct Change {
  std::string catalog;
  std::int64_t number = 1;
  std::string kind;                  ///< `policy`, `reference-values`, …
  std::string subject;               ///< what is changed, `gateway/field`
  Digest256 content_sha256{};        ///< of all that would take effect
  std::vector<std::string> lets_in;  ///< at least one sentence
  friend bool operator==(const Change&, const Change&) = default;
};

struct ChangeApproval {
  Change change;
  WallTime expires;
  std::vector<KeyId> signed_by = {};  ///< keys of the targets role; set by verification
};

/// For exactly this change, unexpired at `now`, under a root that is unexpired too.
Result<Verified<ChangeApproval>> verify_change_approval(Bytes envelope, const Verified<Root>& root,
                                                        const Change& change, WallTime now);

// The owner's side.

/// An unsigned approval; refuses what verification would refuse.
Result<Envelope> make_change_approval(const ChangeApproval& approval);
/// Reads one without trusting it.
Result<ChangeApproval> read_change_approval(const Envelope& envelope);

}  // namespace holdfast::trust::tuf

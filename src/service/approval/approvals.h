// The one way to change what a catalog trusts. What loosens nothing takes effect at once, and so does everything in a
// catalog that asks for no approvals. Else the change waits, as it was proposed, until all that the catalog asks for
// has been said about exactly that content: a second operator's word, the release key's signature, or both. It is
// compared again when it is put in force; whatever became of it meanwhile, nobody gets more than they were shown.
#pragma once

#include "ports/store/rows/approval.h"
#include "service/approval/change.h"

namespace holdfast::service::approval {

inline constexpr Reason kOwnProposal{"own-proposal"};
inline constexpr Reason kNotProposed{"not-proposed"};
inline constexpr Reason kApprovalExpired{"approval-expired"};
inline constexpr Reason kApprovalOutdated{"approval-outdated"};
inline constexpr Reason kContentDiffers{"content-differs"};
inline constexpr Reason kSignatureNeeded{"signature-needed"};
inline constexpr Reason kTooManyWait{"too-many-wait"};

inline constexpr Duration kProposalLife = days(7);
inline constexpr std::size_t kWaitingMax = 50;  ///< in one catalog

/// None: the change is in force. Else the row that waits; the one that is there already where the same was proposed.
Result<std::optional<ports::ApprovalRow>> submit(ports::Transaction& tx, Deps& deps, std::string_view catalog,
                                                 const Change& change, const Caller& by, WallTime now);

struct Approval {
  Digest256 content_sha256{};           ///< of what the approver has read
  std::optional<Blob> signed_document;  ///< trust/tuf/change_approval.h, with the release key's signatures
};

/// Puts the change in force. Denied where a second operator or a signature is missing; Conflict where it was decided,
/// expired, or is no longer what was proposed.
Result<ports::ApprovalRow> approve(ports::Transaction& tx, Deps& deps, std::string_view catalog, std::int64_t number,
                                   const Approval& approval, const Caller& by, WallTime now);

/// Any operator's word, the proposer's too.
Result<ports::ApprovalRow> reject(ports::Transaction& tx, std::string_view catalog, std::int64_t number,
                                  const Caller& by, WallTime now);

Result<ports::ApprovalRow> find_approval(ports::Transaction& tx, std::string_view catalog, std::int64_t number);

/// Its state at `now`: one that was never decided expires by itself.
ports::ApprovalState state_of(const ports::ApprovalRow& row, WallTime now);
std::string_view name_of(ports::ApprovalState state);
Result<Words> words_of(const ports::ApprovalRow& row);

}  // namespace holdfast::service::approval

// A change that loosens what a catalog trusts, kept until its approvals are there. What was proposed never changes;
// only its state does. Rows are never erased, so that a number never comes again.
#pragma once

#include "ports/store/table.h"

namespace holdfast::ports {

enum class ApprovalState {
  Proposed = 0,
  Approved = 1,  ///< and in force
  Rejected = 2,
  Expired = 3,  ///< nobody decided in time
};

struct ApprovalRow {
  std::string catalog;
  std::int64_t number = 0;  ///< counted up in the catalog
  std::string kind;         ///< service/approval/change.h
  std::string subject;
  std::string content;  ///< all that takes effect
  Digest256 content_sha256{};
  std::string lets_in;  ///< JSON array of sentences
  ApprovalState state = ApprovalState::Proposed;
  std::string proposed_by;
  WallTime proposed_at;
  WallTime expires_at;
  std::string decided_by;  ///< empty while proposed, and when it expired
  std::optional<WallTime> decided_at;

  static const Schema& schema();
  auto fields() {
    return std::tie(catalog, number, kind, subject, content, content_sha256, lets_in, state, proposed_by, proposed_at,
                    expires_at, decided_by, decided_at);
  }
  auto fields() const {
    return std::tie(catalog, number, kind, subject, content, content_sha256, lets_in, state, proposed_by, proposed_at,
                    expires_at, decided_by, decided_at);
  }
};

inline constexpr std::string_view kApprovalsByState = "approvals_by_state";  ///< catalog, state

extern template class Table<ApprovalRow>;

}  // namespace holdfast::ports

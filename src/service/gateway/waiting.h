// How routes that change what a catalog trusts answer: 202 with what waits for approval, or, where the change is in
// force, whatever the route says of it.
#pragma once

#include "service/approval/approvals.h"
#include "service/gateway/answers.h"

namespace holdfast::service::gateway {

/// `needs` says what is still missing under these rules.
Result<json::Value> to_json(const ports::ApprovalRow& row, const trust::appraisal::ApprovalRules& rules, WallTime now);

/// `{"waits": {…}}`, or nothing where the change is in force.
Result<std::optional<Response>> submit(const Call& call, ports::Transaction& tx, const approval::Change& change);

}  // namespace holdfast::service::gateway

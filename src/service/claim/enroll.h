// Enrolment (flow 1.3 to 1.5): device, endorsement key and attestation key are bound, and the ticket consumed, in one
// transaction. A known endorsement key never gets a second id; a new one never takes a known id; a known one with
// another attestation key needs a ticket that names its device. The same key asking again gets the same answer.
#pragma once

#include "service/deps.h"
#include "service/request.h"
#include "wire/enroll.h"

namespace holdfast::service::claim {

inline constexpr Reason kCatalogUnknown{"catalog-unknown"};
inline constexpr Reason kEndorsementNotListed{"endorsement-not-listed"};
inline constexpr Reason kChallengeUnknown{"challenge-unknown"};
inline constexpr Reason kProofWrong{"proof-wrong"};
inline constexpr Reason kDeviceIdTaken{"device-id-taken"};

Result<wire::EnrollChallenge> begin_enrolment(const wire::EnrollRequest& request, Deps& deps, WallTime now);
Result<wire::EnrollResult> finish_enrolment(const wire::EnrollProof& proof, Deps& deps, WallTime now);

}  // namespace holdfast::service::claim

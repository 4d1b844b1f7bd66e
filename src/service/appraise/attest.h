// Attestation (flow 2): a nonce for a device, then its evidence judged and certificates issued on the result. The nonce
// is consumed in the transaction that stores the result. Evidence that the device's attestation key did not sign over a
// nonce of ours changes nothing about the device: anybody can send it.
#pragma once

#include "service/deps.h"
#include "service/request.h"
#include "wire/attest.h"

namespace holdfast::service::appraise {

inline constexpr Reason kNonceUnknown{"nonce-unknown"};
inline constexpr Reason kNonceExpired{"nonce-expired"};
inline constexpr Reason kNonceForAnother{"nonce-for-another-device"};
inline constexpr Reason kEvidenceNotAuthentic{"evidence-not-authentic"};
inline constexpr Reason kAttestedMeanwhile{"attested-meanwhile"};

inline constexpr std::size_t kNoncesPerDeviceMax = 16;  ///< open ones; with one more the oldest is void

Result<wire::AttestChallenge> challenge(const wire::AttestChallengeRequest& request, Deps& deps, WallTime now);

/// Any verdict is a success here; Denied means that the evidence was not authentic.
Result<wire::AttestResult> attest(const wire::AttestRequest& request, Deps& deps, WallTime now);

}  // namespace holdfast::service::appraise

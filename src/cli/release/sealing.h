// Words of a system's authority for its boots (trust/update/seal_words.h): each floor key of the folder signs, so that
// a device follows from one key to the next.
#pragma once

#include "cli/owner/signers.h"
#include "trust/appraisal/reference_set.h"
#include "trust/update/seal_words.h"

namespace holdfast::cli::release {

inline constexpr Reason kSealingWrong{"sealing-wrong"};

/// What PCR 11 holds when the system's first process begins, by the reference values of its release. Rejected where
/// these do not end with the separator.
Result<Digest256> system_at_begin(const trust::appraisal::ReferenceSet& values);

/// Names the key to which devices escrow. Rejected where it is no P-256 key.
Result<trust::update::EscrowWord> sign_escrow(ports::Signer& authority, const trust::crypto::PublicKey& escrow);

/// For boots of that system by these firmware keys (PCR 7).
Result<trust::update::SealWords> sign_boots(ports::Signer& authority, const trust::appraisal::ReferenceSet& values,
                                            const std::vector<Digest256>& firmware_keys);

}  // namespace holdfast::cli::release

// A policy that somebody signs, so that a chip takes it for one that it was told of before (TPM2_PolicyAuthorize, Part
// 3 §23.16): an object or index names an authority and a reference once, and whatever that authority signs under that
// reference from then on satisfies it.
#pragma once

#include "trust/tpm/public_area.h"

namespace holdfast::trust::tpm {

/// What the authority signs with ECDSA-SHA256: `policy` ‖ `reference`.
struct SignedPolicy {
  Digest256 policy{};  ///< that the session has when the authority is asked for
  Blob reference;      ///< policyRef: what the signature is for
  Blob to_be_signed() const;
};

/// The authority as a chip loads it (TPM2_LoadExternal): an unrestricted P-256 key that signs.
PublicArea authority_area(const crypto::PublicKey& p256_key);

/// authPolicy of what the authority may open: that of a session after TPM2_PolicyAuthorize.
Digest256 authorized_policy(const PublicArea& authority, std::string_view reference);

/// What an NV index's eight bytes are compared with (Part 2 §6.9).
enum class Comparison : std::uint16_t { UnsignedLess = 0x0005, UnsignedLessOrEqual = 0x0009 };
/// A session's policy after TPM2_PolicyNV over a whole index (Part 3 §23.9): what is there is less than `value`, or so.
Digest256 policy_nv(const Digest256& before, Bytes index_name, Bytes value, Comparison comparison);
/// After TPM2_PolicyPCR over PCRs 0 to 23 of the SHA-256 bank (Part 3 §23.7), whose values come in their order.
Digest256 policy_pcr(const Digest256& before, std::uint32_t pcrs, const std::vector<Digest256>& values);
/// After TPM2_PolicyCpHash.
Digest256 policy_cp_hash(const Digest256& before, const Digest256& hash);

}  // namespace holdfast::trust::tpm

// A component's floor as an NV index (flow 3.7, docs/decisions/0019-a-floor-is-raised-by-a-signed-word.md): eight
// bytes, big-endian. The index takes nothing but TPM2_NV_Write under PolicyAuthorize (Part 3 §23.16): its authority, a
// P-256 key of whoever releases the component, has to have signed that very write, and what is there has to be lower.
// So a word of an earlier release lowers nothing, and nobody raises a floor beyond what was released. The first write
// has a word of its own, because an index that was never written has another name.
#pragma once

#include "trust/tpm/signed_policy.h"

namespace holdfast::trust::tpm {

inline constexpr std::size_t kFloorBytes = 8;

/// TPMA_NV of a floor (Part 2 §13.4): policy write, auth read, no dictionary attack protection; ordinary.
inline constexpr std::uint32_t kFloorAttributes = (1u << 3) | (1u << 18) | (1u << 25);
inline constexpr std::uint32_t kNvWritten = 1u << 29;

/// In the range that the registry of reserved handles leaves to owners.
std::uint32_t floor_handle(std::string_view component);

/// authPolicy of a component's floor under this authority.
Digest256 floor_policy(std::string_view component, const PublicArea& authority);

enum class FloorWrite {
  Lay,    ///< the first one
  Raise,  ///< from anything lower
};

/// What the authority signs so that a chip does the write.
SignedPolicy floor_write_policy(FloorWrite write, std::string_view component, const PublicArea& authority,
                                std::int64_t security_version);
/// cpHash of the TPM2_NV_Write.
Digest256 floor_write_hash(FloorWrite write, std::string_view component, const PublicArea& authority,
                           std::int64_t security_version);

/// Name of the index (Part 1 §16), once it was written.
Blob floor_index_name(std::string_view component, const PublicArea& authority);

ByteArray<kFloorBytes> floor_bytes(std::int64_t security_version);
/// Corrupt where they are no security version.
Result<std::int64_t> floor_from(Bytes bytes);

}  // namespace holdfast::trust::tpm

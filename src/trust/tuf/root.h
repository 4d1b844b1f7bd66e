// Root metadata (TUF 1.0 §4.3): the owner's keys, the roles they hold, and how many of them must agree. A device pins
// the first root by the SHA-256 of its exact bytes, which its claim ticket carries, and from there walks one version at
// a time: root n+1 is accepted when the thresholds of root n and of root n+1 have both signed it (§5.3). Versions are
// never skipped, never go back, and expiry is judged on the last root alone, so that a device ten years on a shelf
// walks every root.
#pragma once

#include <array>
#include <span>

#include "trust/tuf/metadata.h"
#include "trust/tuf/roles.h"
#include "trust/verified.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kRootMalformed{"root-malformed"};
inline constexpr Reason kRootNotPinned{"root-not-pinned"};
inline constexpr Reason kRootVersionWrong{"root-version-wrong"};

inline constexpr std::size_t kRootChainMax = 1024;

enum class RoleName { Root, Targets, Snapshot, Timestamp };
inline constexpr std::size_t kRoleCount = 4;
std::string_view name_of(RoleName role);

struct Root {
  std::int64_t version = 0;
  WallTime expires;
  bool consistent_snapshot = false;
  std::vector<Key> keys;
  std::array<Role, kRoleCount> roles;  ///< by RoleName
  Digest256 digest{};                  ///< SHA-256 of the exact bytes of the envelope: what the next start pins

  const Role& role(RoleName name) const { return roles[static_cast<std::size_t>(name)]; }
};

/// What a claim ticket pins.
Digest256 root_digest(Bytes envelope);

/// The root that `pin` names, signed by its own threshold.
Result<Verified<Root>> verify_pinned_root(Bytes envelope, const Digest256& pin);
/// The root after `current`.
Result<Verified<Root>> verify_next_root(Bytes envelope, const Verified<Root>& current);
/// Finds the pinned root in a chain of roots in ascending order, passes over the older ones unread and walks to the
/// last.
Result<Verified<Root>> verify_root_chain(std::span<const Blob> chain, const Digest256& pin);

// The owner's side.

/// Which of the owner's keys hold a role, by index into RootDraft::keys.
struct RoleDraft {
  std::vector<std::size_t> keys;
  std::int64_t threshold = 1;
};

struct RootDraft {
  std::int64_t version = 1;
  WallTime expires;
  std::vector<crypto::PublicKey> keys;
  std::array<RoleDraft, kRoleCount> roles;  ///< by RoleName
};

/// All four roles held by all keys with one threshold, as `holdfast owner init` starts out.
RootDraft first_root(std::vector<crypto::PublicKey> keys, std::int64_t threshold, WallTime expires);

/// An unsigned root: have its holders sign `to_be_signed`, add_signature() each. Refuses what verification would
/// refuse.
Result<Envelope> make_root(const RootDraft& draft);

/// Reads a root without trusting it, so that its holders can be told what they sign and who has signed already.
Result<Root> read_root(const Envelope& envelope);

}  // namespace holdfast::trust::tuf

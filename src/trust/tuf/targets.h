// Targets metadata (TUF 1.0 §4.5): which content exists, and who else may say so for a part of it. A delegation gives
// keys of its own the word over some paths and nothing more; a terminating one is the last word over them.
#pragma once

#include <map>

#include "trust/tuf/snapshot.h"

namespace holdfast::trust::tuf {

inline constexpr Reason kTargetMissing{"target-missing"};
inline constexpr Reason kRoleUndelegated{"role-undelegated"};

inline constexpr std::size_t kTargetsBytesMax = 5 * 1024 * 1024;
inline constexpr std::size_t kTargetsMax = 65'536;
inline constexpr std::size_t kTargetPathBytesMax = 1024;
inline constexpr std::size_t kDelegationsMax = 1024;
inline constexpr std::size_t kPathPatternsMax = 1024;
inline constexpr std::size_t kRoleNameBytesMax = 80;       ///< encoded, with its version, still the name of a file
inline constexpr std::size_t kDelegationsVisitedMax = 32;  ///< in one search

struct Target {
  std::int64_t length = 0;  ///< in bytes
  Hashes hashes;
  json::Value custom;  ///< null: none
};

struct Delegation {
  std::string name;
  Role role;
  bool terminating = false;
  std::vector<std::string> paths = {};          ///< patterns; either these
  std::vector<std::string> hash_prefixes = {};  ///< or these: of the SHA-256 of a path, lower-case hex

  bool covers(std::string_view path) const;
};

struct Targets {
  Header header;
  std::map<std::string, Target, std::less<>> targets;  ///< by path
  std::vector<Key> keys;                               ///< of the delegations
  std::vector<Delegation> delegations;                 ///< the first that fits comes first
};

/// The document that `snapshot` names, signed by root's targets role (§5.6). Expiry is a separate question.
Result<Verified<Targets>> verify_targets(Bytes envelope, const Verified<Root>& root,
                                         const Verified<Snapshot>& snapshot);
/// The same of a role to which `delegator` delegates, by the keys that it names now.
Result<Verified<Targets>> verify_delegated_targets(Bytes envelope, const Verified<Targets>& delegator,
                                                   std::string_view role, const Verified<Snapshot>& snapshot);

/// Whether a pattern covers a path: `?` is one character and `*` any number of them, neither a `/` (§4.5).
bool matches_pattern(std::string_view pattern, std::string_view path);

// The repository's side.

Result<Envelope> make_targets(const Targets& targets);
/// Reads one without trusting it.
Result<Targets> read_targets(const Envelope& envelope);

}  // namespace holdfast::trust::tuf

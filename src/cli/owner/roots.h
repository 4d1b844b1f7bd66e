// Making the owner's roots: the first, with its keys, and later ones, each accepted by the keys of the root before it
// (TUF 1.0 §5.3). At first all roles are held by the root keys; targets, snapshot and timestamp may be given keys and
// thresholds of their own.
#pragma once

#include "cli/owner/folder.h"

namespace holdfast::cli::owner {

inline constexpr Reason kOwnerThere{"owner-there"};
inline constexpr Reason kKeyNotInRoot{"key-not-in-root"};
inline constexpr Reason kRootUnsigned{"root-unsigned"};

/// Makes the folder, `keys` keys and root 1, signed by all of them. Conflict where there is an owner already.
Result<Folder> make_owner(World& world, const std::string& path, std::size_t keys, std::int64_t threshold,
                          Duration life);

/// Of the root keys, and of every role that has the same keys and threshold as the root role.
struct RootChange {
  Duration life{};
  std::size_t keys_added = 0;
  std::vector<trust::tuf::KeyId> keys_dropped;  ///< from every role
  std::optional<std::int64_t> threshold;        ///< as before where there is none
};

/// Begins `<n>.root.draft.json` anew, signed with the keys at hand. Returns what to do with it, as a sentence.
Result<std::string> draft_next_root(World& world, const Folder& folder, const RootChange& change);

/// Of the keys of one role.
struct RoleChange {
  trust::tuf::RoleName role{};
  std::vector<trust::crypto::PublicKey> keys;  ///< that it gets
  bool replaces = false;                       ///< it keeps none of those before
  std::optional<std::int64_t> threshold = {};  ///< as before where there is none
};

/// The same on top of the draft that is there, so that several roles can be changed with one root.
Result<std::string> draft_role(World& world, const Folder& folder, const RoleChange& change, Duration life);

/// Takes the next root, which has all its signatures, into the folder: it is in force there from then on. Returns its
/// version.
Result<std::int64_t> adopt_root(World& world, const Folder& folder, Bytes document);

}  // namespace holdfast::cli::owner

// Making the owner's roots: the first, with its keys, and later ones, each accepted by the keys of the root before it
// (TUF 1.0 §5.3).
#pragma once

#include "cli/owner/folder.h"

namespace holdfast::cli::owner {

inline constexpr Reason kKeyNotInRoot{"key-not-in-root"};

/// Makes the folder, `keys` keys and root 1, signed by all of them. Conflict where there is an owner already.
Result<Folder> make_owner(World& world, const std::string& path, std::size_t keys, std::int64_t threshold,
                          Duration life);

struct RootChange {
  Duration life{};
  std::size_t keys_added = 0;
  std::vector<trust::tuf::KeyId> keys_dropped;
  std::optional<std::int64_t> threshold;  ///< as before where there is none
};

/// Writes `<n>.root.draft.json`, signed with the keys at hand. Returns what to do with it, as a sentence.
Result<std::string> draft_next_root(World& world, const Folder& folder, const RootChange& change);

}  // namespace holdfast::cli::owner
